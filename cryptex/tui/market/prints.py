"""Rows of the tape: trades, or those together that one order made at one price. Pure."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cryptex.client.models import Trade
from cryptex.protocol.terms import Side

BIG_SHARE: Final = 20
"""A trade is big when no more than one in so many is bigger or as big."""


class Print(NamedTuple):
    """A row: what traded at a moment at a price. `side` is the taker's, `trade_id` that of the newest of
    `trades` trades."""

    trade_id: int
    time: datetime
    side: Side
    price: Decimal
    size: Decimal
    trades: int = 1
    own: bool = False


def prints(trades: Iterable[Trade], own: Set[int], *, together: bool) -> list[Print]:
    """Return rows, in the order of the trades; `together` joins neighbours of one time, side and price.

    `own` are the trades in which one took part.
    """
    rows: list[Print] = []
    for trade in trades:
        row = Print(trade.id, trade.time, trade.side, trade.price, trade.size, 1, trade.id in own)
        if together and rows and rows[-1][1:4] == row[1:4]:
            before = rows[-1]
            rows[-1] = before._replace(size=before.size + row.size, trades=before.trades + 1, own=before.own or row.own)
        else:
            rows.append(row)
    return rows


def big_size(rows: Sequence[Print]) -> Decimal | None:
    """Return from which size on a row is big among these; None where there are too few to say."""
    if len(rows) < BIG_SHARE:
        return None
    sizes = sorted(row.size for row in rows)
    found = sizes[-(len(rows) // BIG_SHARE)]
    return found if found > sizes[len(sizes) // 2] else None
