"""Which level stands on which row. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from cryptex.client.models import Level
from cryptex.protocol.terms import Side
from cryptex.tui.ladder.grouping import bucket, grouped, whole

EDGE_ROWS: Final = 3
"""Rows that stand still move once a best price comes nearer to the first or the last than this, unless one says."""
_ZERO: Final = Decimal(0)
_price: Final = attrgetter("price")


class Rung(NamedTuple):
    """A row of the ladder: a price, and what rests there.

    `side` is that of the resting orders, or of those that would rest there. `total` counts from the best level to
    here; both sizes are 0 where nothing rests.
    """

    side: Side
    price: Decimal
    size: Decimal
    total: Decimal


class Book:
    """The levels at hand, best first, at most `depth` a side, and how prices are grouped.

    A side's groups are worked out anew only where its levels changed.
    """

    def __init__(self) -> None:
        self.bids: Sequence[Level] = ()
        self.asks: Sequence[Level] = ()
        self.depth = 0
        self.tick = self.step = Decimal(1)
        self._rungs: dict[Side, tuple[int, list[Rung]]] = {}

    def take(self, bids: Sequence[Level], asks: Sequence[Level], depth: int, tick: Decimal, step: Decimal) -> None:
        """Take what there is now."""
        if (depth, tick, step) != (self.depth, self.tick, self.step):
            self.depth, self.tick, self.step = depth, tick, step
            self._rungs.clear()
        if bids != self.bids:
            self.bids = bids
            self._rungs.pop(Side.BUY, None)
        if asks != self.asks:
            self.asks = asks
            self._rungs.pop(Side.SELL, None)

    def rungs(self, side: Side, rows: int) -> list[Rung]:
        """Return the best `rows` groups of a side, best first, without one that the depth may have cut in two."""
        known = self._rungs.get(side)
        if known is None or known[0] != rows:
            known = self._rungs[side] = (rows, self._grouped(side, rows))
        return known[1]

    def _grouped(self, side: Side, rows: int) -> list[Rung]:
        levels = self.bids if side is Side.BUY else self.asks
        groups = grouped(levels, side, self.step, self.tick, rows + 1)
        if len(groups) <= rows and self.step != self.tick:
            groups = whole(groups, len(levels), self.depth)
        total = _ZERO
        out = []
        for price, size in groups[:rows]:
            total += size
            out.append(Rung(side, price, size, total))
        return out

    def best(self, side: Side) -> Decimal | None:
        """Return the row of the best price of a side."""
        levels = self.bids if side is Side.BUY else self.asks
        return bucket(levels[0].price, side, self.step) if levels else None

    def used(self, rungs: Sequence[Rung | None]) -> int:
        """Return how many levels of a side rows are made of; of the side that has more of them."""
        prices = [rung.price for rung in rungs if rung is not None]
        if not prices:
            return 0
        low, high = min(prices), max(prices)
        asks = bisect_right(self.asks, high, key=_price)
        return max(asks, bisect_right(self.bids, -low, key=lambda level: -level.price))

    def may_hide(self, side: Side) -> bool:
        """Return whether a deeper book might have more levels of a side."""
        return len(self.bids if side is Side.BUY else self.asks) >= self.depth


class Rows(NamedTuple):
    """The rows from the top down; None is an empty one. `deepest` is the greatest total, the measure of all bars."""

    rungs: list[Rung | None]
    deepest: Decimal
    short: bool
    """Whether a deeper book might fill rows that are empty."""


def centred(book: Book, above: int, below: int) -> Rows:
    """Return asks over bids: the best ask is the last of the `above` rows, the best bid the first of those below."""
    asks, bids = book.rungs(Side.SELL, above), book.rungs(Side.BUY, below)
    rungs = [*[None] * (above - len(asks)), *reversed(asks), *bids, *[None] * (below - len(bids))]
    short = (len(asks) < above and book.may_hide(Side.SELL)) or (len(bids) < below and book.may_hide(Side.BUY))
    return Rows(rungs, _deepest(asks, bids), short)


def still(book: Book, top: Decimal, rows: int) -> Rows:
    """Return one row a step from the price `top` down, with or without orders."""
    prices = _prices(top, book.step, rows)
    asks = [rung for rung in book.rungs(Side.SELL, len(book.asks)) if rung.price <= top]
    bids = [rung for rung in book.rungs(Side.BUY, len(book.bids)) if rung.price >= prices[-1]]
    found = {rung.price: rung for rung in (*asks, *bids)}
    middle = _middle(book, top)
    short = (book.may_hide(Side.SELL) and book.asks[-1].price < top) or (
        book.may_hide(Side.BUY) and book.bids[-1].price > prices[-1]
    )
    rungs = [found.get(price) or Rung(_side(price, middle), price, _ZERO, _ZERO) for price in prices]
    return Rows([*rungs], _deepest(asks, bids), short)


def top_price(top: Decimal | None, book: Book, rows: int, edge_rows: int = EDGE_ROWS) -> Decimal | None:
    """Return the price of the first row: `top` as long as the best prices are well inside, else so that they are.

    `edge_rows` from the first and from the last row are not well inside.
    """
    best = [price for price in (book.best(Side.SELL), book.best(Side.BUY)) if price is not None]
    if not best:
        return top
    edge = min(edge_rows, max(0, (rows - 2) // 2))
    if (best[0] - best[-1]) / book.step > rows - 1 - 2 * edge:  # a spread too wide to show
        best = [_middle(book, best[0])]
    if top is not None:
        low, high = top - (rows - 1 - edge) * book.step, top - edge * book.step
        if all(low <= price <= high for price in best):
            return top
    return bucket(sum(best, _ZERO) / len(best), Side.BUY, book.step) + rows // 2 * book.step


def _middle(book: Book, otherwise: Decimal) -> Decimal:
    best = [price for price in (book.best(Side.SELL), book.best(Side.BUY)) if price is not None]
    return sum(best, _ZERO) / len(best) if best else otherwise


def _side(price: Decimal, middle: Decimal) -> Side:
    return Side.SELL if price > middle else Side.BUY


def _deepest(asks: list[Rung], bids: list[Rung]) -> Decimal:
    return max((rung.total for rung in (*asks[-1:], *bids[-1:])), default=_ZERO)


@lru_cache(maxsize=8)
def _prices(top: Decimal, step: Decimal, rows: int) -> tuple[Decimal, ...]:
    return tuple(top - y * step for y in range(rows))
