"""Bars: a tape cut into equal pieces of market time."""

from typing import Final, NamedTuple

import numpy as np

from cryptex.sim.report.statistics import NotComputable, Real
from cryptex.sim.report.tape import Trades

BARS_MIN: Final = 100
"""Fewer bars than this (50 minutes of 30 s) say nothing about returns."""


class Bars(NamedTuple):
    """Whole bars from the first one with a trade on; the element i of each array is the bar i."""

    log_price: Real
    """The logarithm of the last traded price; a bar without a trade keeps the one before it."""
    volume: Real
    """Size traded, in units of the base asset."""
    trades: Real
    """How many trades there were."""

    @property
    def returns(self) -> Real:
        """Change of the log price in each bar but the first."""
        return np.diff(self.log_price)

    @property
    def trades_per_bar(self) -> float:
        """Mean number of trades."""
        return float(np.mean(self.trades))


def cut(trades: Trades, end_ns: int, bar_ns: int) -> Bars:
    """Return the whole bars from 0 to `end_ns`. Raises NotComputable where there are fewer than BARS_MIN."""
    count = end_ns // bar_ns
    index = trades.time_ns // bar_ns
    inside = index < count
    first = int(np.min(index[inside], initial=count))
    if count - first < BARS_MIN:
        raise NotComputable(f"{count - first} bars with prices are fewer than {BARS_MIN}")
    index, price, size = index[inside] - first, trades.price[inside], trades.size[inside]
    counts = np.bincount(index, minlength=count - first)
    last = np.cumsum(counts) - 1
    volume = np.bincount(index, size / 1e8, count - first).astype(np.float64)
    return Bars(np.log(price[last] / 1e8), volume, counts.astype(np.float64))
