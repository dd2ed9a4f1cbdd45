"""The price of an auction: where the most would trade, found from the levels of a crossed book alone."""

from typing import NamedTuple

from cryptex.engine.book import Book
from cryptex.engine.price_band import Reference


class Uncrossing(NamedTuple):
    """What an auction would come to: its one price, and how much trades there."""

    price_ticks: int
    size_lots: int


def uncrossing(book: Book, reference: Reference | None) -> Uncrossing | None:
    """Return where a book would uncross, or None where it is not crossed. O(crossed levels x log).

    Of all prices the one with the greatest volume, then the least surplus, then nearest the reference, then the lower.
    Between two levels nothing changes but the distance to the reference, so that one price stands for all of them.
    """
    best_bid, best_ask = book.bids.best, book.asks.best
    if best_bid is None or best_ask is None or not book.is_crossed:
        return None
    bids, asks = _crossed(book, best_ask.price_ticks, best_bid.price_ticks)
    prices = sorted(bids.keys() | asks.keys())
    demand, supply = sum(bids.values()), 0
    ranked: list[tuple[int, int, int, int]] = []
    for price, following in zip(prices, [*prices[1:], None], strict=True):
        supply += asks.get(price, 0)
        ranked.append(_rank(demand, supply, price, price, reference))
        demand -= bids.get(price, 0)
        if following is not None and price + 1 < following:
            ranked.append(_rank(demand, supply, price + 1, following - 1, reference))
    best = min(ranked)
    return Uncrossing(price_ticks=best[-1], size_lots=-best[0])


def _crossed(book: Book, lowest: int, highest: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return the sizes of the levels that reach the other side, by price."""
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    for level in book.bids:
        if level.price_ticks < lowest:
            break
        bids[level.price_ticks] = level.size_lots
    for level in book.asks:
        if level.price_ticks > highest:
            break
        asks[level.price_ticks] = level.size_lots
    return bids, asks


def _rank(
    demand: int, supply: int, lowest: int, highest: int, reference: Reference | None
) -> tuple[int, int, int, int]:
    """Return (-volume, surplus, distance, price) of the best of prices at which demand and supply are the same."""
    distance, price = 0, lowest
    if reference is not None:
        weighted, lots = reference
        below = min(max(weighted // lots, lowest), highest)
        distance, price = min((abs(each * lots - weighted), each) for each in (below, min(below + 1, highest)))
    return -min(demand, supply), abs(demand - supply), distance, price
