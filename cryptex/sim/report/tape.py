"""What a run left behind, as arrays: trades, quotes and orders; and whether they can be true (tier 0).

Times are nanoseconds from the start of the run; prices and sizes are whole numbers of 1e-8, ABSENT where there is none.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptex.sim.report import decode
from cryptex.sim.report.statistics import NotComputable

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


class Trades(NamedTuple):
    """trades.csv, a row a trade: `sign` is +1 where the taker bought, -1 where it sold."""

    time_ns: Whole
    price: Whole
    size: Whole
    sign: Whole
    trade_id: Whole


class Quotes(NamedTuple):
    """quotes.csv, a row for each change of the best prices."""

    time_ns: Whole
    bid: Whole
    ask: Whole


class Orders(NamedTuple):
    """The limit orders of orders.csv, with the best prices that each met."""

    time_ns: Whole
    sign: Whole
    price: Whole
    best_bid: Whole
    best_ask: Whole


def read_trades(path: Path) -> Trades:
    """Return trades.csv. Raises Refusal, with the file and the line."""
    columns = ("timestamp", "price", "size", "side", "trade_id")
    return Trades(*_columns(decode.parsed_rows(path, columns, _trade), len(columns)))


def read_quotes(path: Path) -> Quotes:
    """Return quotes.csv. Raises Refusal, with the file and the line."""
    columns = ("timestamp", "bid", "ask")
    return Quotes(*_columns(decode.parsed_rows(path, columns, _quote), len(columns)))


def read_orders(path: Path) -> Orders:
    """Return the limit orders of orders.csv. Raises Refusal, with the file and the line."""
    columns = ("timestamp", "side", "price", "best_bid", "best_ask", "kind")
    rows = decode.parsed_rows(path, columns, _order)
    return Orders(*_columns((row for row in rows if row is not None), len(Orders._fields)))


def out_of_time(*times_ns: Whole) -> int:
    """Return how many rows stand before the row that they follow."""
    return sum(int(np.count_nonzero(np.diff(times) < 0)) for times in times_ns)


def off_grid(tick: int, *prices: Whole) -> int:
    """Return how many prices are no multiple of the tick; both in 1e-8."""
    return sum(int(np.count_nonzero(column % tick)) for column in prices)


def crossed(quotes: Quotes) -> int:
    """Return how many quotes have a bid that is not below the ask."""
    two_sided = (quotes.bid != decode.ABSENT) & (quotes.ask != decode.ABSENT)
    return int(np.count_nonzero(two_sided & (quotes.bid >= quotes.ask)))


def two_sided_share(quotes: Quotes, end_ns: int) -> float:
    """Return the share of the time from 0 to `end_ns` with a bid and an ask. Raises NotComputable."""
    if end_ns <= 0:
        raise NotComputable("the run has no duration")
    edges = np.append(np.minimum(quotes.time_ns, end_ns), end_ns)
    two_sided = (quotes.bid != decode.ABSENT) & (quotes.ask != decode.ABSENT)
    return float(np.sum(np.diff(edges)[two_sided]) / end_ns)


def _columns(rows: Iterable[Sequence[int]], count: int) -> list[Whole]:
    table = np.array(list(rows), dtype=np.int64).reshape(-1, count)
    return [np.ascontiguousarray(column) for column in table.T]


def _trade(row: Sequence[str]) -> tuple[int, ...]:
    timestamp, price, size, side, trade_id = row
    return (
        decode.time_ns(timestamp),
        decode.amount(price, "price"),
        decode.amount(size, "size"),
        decode.sign(side),
        decode.whole(trade_id, "trade_id"),
    )


def _quote(row: Sequence[str]) -> tuple[int, ...]:
    timestamp, bid, ask = row
    return decode.time_ns(timestamp), decode.optional_amount(bid, "bid"), decode.optional_amount(ask, "ask")


def _order(row: Sequence[str]) -> tuple[int, ...] | None:
    timestamp, side, price, best_bid, best_ask, kind = row
    if kind not in _KINDS:
        raise ValueError(f"kind must be {', '.join(_KINDS)}, not {kind!r}")
    if kind != "limit":
        return None
    return (
        decode.time_ns(timestamp),
        decode.sign(side),
        decode.amount(price, "price"),
        decode.optional_amount(best_bid, "best_bid"),
        decode.optional_amount(best_ask, "best_ask"),
    )


_KINDS: Final = ("limit", "market", "cancel")
