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


def prints(trades: Iterable[Trade], own: Set[int], *, together: bool, rows_max: int) -> list[Print]:
    """Return rows, in the order of the trades; `together` joins neighbours of one time, side and price.

    `own` are the trades in which one took part; at most `rows_max` rows are made.
    """
    rows: list[Print] = []
    for trade in trades:
        row = Print(trade.id, trade.time, trade.side, trade.price, trade.size, 1, trade.id in own)
        if together and rows and rows[-1][1:4] == row[1:4]:
            before = rows[-1]
            rows[-1] = before._replace(size=before.size + row.size, trades=before.trades + 1, own=before.own or row.own)
        elif len(rows) == rows_max:
            break
        else:
            rows.append(row)
    return rows


def big_size(sizes: Sequence[Decimal]) -> Decimal | None:
    """Return from which size on one is big among these; None where there are too few to say."""
    if len(sizes) < BIG_SHARE:
        return None
    ranked = sorted(sizes)
    found = ranked[-(len(ranked) // BIG_SHARE)]
    return found if found > ranked[len(ranked) // 2] else None
