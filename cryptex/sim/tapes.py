"""Tapes of real markets: trades as CSV, and the message files of LOBSTER.

A tape of trades has a head line with at least timestamp, price, size and side (of the taker); `sim run` writes such
files. LOBSTER has no head: time in seconds, kind, order id, size, price in 1e-4 dollars, direction (1: buy).
"""

import csv
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

from cryptex.protocol.market import Market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, Side

SAMPLE: Final = Path(__file__).parent / "scenarios" / "sample-trades.csv"
"""A quarter of an hour of trades that comes with the program."""

_LOBSTER_DECIMALS: Final = 4


class Kind(IntEnum):
    """What a row of a tape says; the numbers are LOBSTER's."""

    PLACE = 1
    REDUCE = 2
    CANCEL = 3
    TRADE = 4


class Row(NamedTuple):
    """A row: `side` is the resting order's; `order` its id, 0 where the tape has none."""

    time_ns: int
    kind: Kind
    order: int
    size_lots: int
    price_ticks: int
    side: Side


def _damaged(path: Path, line: int, error: Exception) -> Refusal:
    return Refusal(Code.INVALID_REQUEST, f"{path}, line {line}: {error}", field="file", line=line)


def read_trades(path: Path, market: Market) -> Iterator[Row]:
    """Yield the rows of a CSV of trades, from time 0 on. Raises Refusal, with the line."""
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            try:
                taker = Side(row["side"])
                yield Row(
                    _time_ns(row["timestamp"]),
                    Kind.TRADE,
                    0,
                    market.size_lots(row["size"]),
                    market.price_ticks(row["price"]),
                    Side.SELL if taker is Side.BUY else Side.BUY,
                )
            except (KeyError, ValueError, TypeError, Refusal) as error:
                raise _damaged(path, line, error) from None


def read_lobster(path: Path, market: Market) -> Iterator[Row]:
    """Yield the rows of a LOBSTER message file, from its first time on; hidden trades and halts are left out."""
    first_ns = None
    with path.open(encoding="utf-8", newline="") as file:
        for line, cells in enumerate(csv.reader(file), 1):
            try:
                time, kind, order, size, price, direction = cells[:6]
                time_ns = _time_ns(time)
                first_ns = time_ns if first_ns is None else first_ns
                if int(kind) not in (1, 2, 3, 4):
                    continue
                yield Row(
                    time_ns - first_ns,
                    Kind(int(kind)),
                    int(order),
                    market.size_lots(size),
                    market.price_ticks(_lobster_price(price)),
                    Side.BUY if int(direction) == 1 else Side.SELL,
                )
            except (ValueError, Refusal) as error:
                raise _damaged(path, line, error) from None


def _time_ns(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole) * NANOSECONDS_PER_SECOND + int(fraction[:9].ljust(9, "0"))


def _lobster_price(text: str) -> str:
    digits = text.zfill(_LOBSTER_DECIMALS + 1)
    return f"{digits[:-_LOBSTER_DECIMALS]}.{digits[-_LOBSTER_DECIMALS:]}"
