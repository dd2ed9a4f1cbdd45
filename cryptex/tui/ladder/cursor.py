"""The cursor of the ladder: a price that stays where it is while rows move. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from cryptex.protocol.terms import Side
from cryptex.tui.ladder.rows import Rung

Cursor = tuple[Side, Decimal]


def moved(cursor: Cursor | None, rows: Sequence[Rung], step: int) -> Cursor | None:
    """Return where the cursor comes by `step` rows down; from nowhere it comes to the best price.

    `rows` are those on the screen, from the top down. Returns None where there are none.
    """
    if not rows:
        return None
    if cursor is None:
        return _key(_best(rows))
    at = next((place for place, rung in enumerate(rows) if _key(rung) == cursor), None)
    if at is not None:  # by rows, which a crossed book does not have in the order of their prices
        return _key(rows[min(max(at + step, 0), len(rows) - 1)])
    price = cursor[1]
    if step < 0:
        higher = [rung for rung in rows if rung.price > price]
        return _key(higher[max(len(higher) + step, 0)] if higher else rows[0])
    lower = [rung for rung in rows if rung.price < price]
    return _key(lower[min(step, len(lower)) - 1] if lower else rows[-1])


def _best(rows: Sequence[Rung]) -> Rung:
    """Return the best bid, else the best ask, else the row in the middle."""
    bids = [rung for rung in rows if rung.side is Side.BUY and rung.size]
    asks = [rung for rung in rows if rung.side is Side.SELL and rung.size]
    return bids[0] if bids else asks[-1] if asks else rows[len(rows) // 2]


def _key(rung: Rung) -> Cursor:
    return rung.side, rung.price
