"""Candles of one market: a fold over its trades in log time, the same in the node, in the projector and in replay."""

from collections import deque
from typing import Final

import msgspec

from cryptex.protocol.market import Market
from cryptex.protocol.terms import AMOUNT_LIMIT, INTERVAL_SECONDS, NANOSECONDS_PER_SECOND, Interval
from cryptex.protocol.times import time_text
from cryptex.protocol.views import CandleView

CANDLES_KEPT_MAX: Final = 1000
"""Candles kept of each interval."""

INTERVAL_NS: Final = {interval: seconds * NANOSECONDS_PER_SECOND for interval, seconds in INTERVAL_SECONDS.items()}
SUM_MAX: Final = AMOUNT_LIMIT - 1
"""Volume and turnover stay at this once they reach it: no stored value is larger."""

_MONDAY_NS: Final = 4 * INTERVAL_NS[Interval.D1]
"""The first Monday after the epoch, which was a Thursday."""


class Candle(msgspec.Struct, array_like=True, gc=False):
    """Prices and volume from `time_ns` until before `end_ns`. It changes as long as trades fall into it."""

    time_ns: int
    end_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    quote_units: int
    trades: int


def interval_start_ns(interval: Interval, time_ns: int) -> int:
    """Return the beginning of the interval that `time_ns` lies in; weeks begin on Monday."""
    shift = _MONDAY_NS if interval is Interval.W1 else 0
    return time_ns - (time_ns - shift) % INTERVAL_NS[interval]


def candle_view(candle: Candle, market: Market) -> CandleView:
    """Return a candle as users see it."""
    return CandleView(
        time_text(candle.time_ns),
        market.price_text(candle.open_ticks),
        market.price_text(candle.high_ticks),
        market.price_text(candle.low_ticks),
        market.price_text(candle.close_ticks),
        market.size_text(candle.volume_lots),
        candle.trades,
    )


class Candles:
    """The last candles of every interval of one market, oldest first."""

    def __init__(self) -> None:
        self._series: dict[Interval, deque[Candle]] = {
            interval: deque(maxlen=CANDLES_KEPT_MAX) for interval in Interval
        }
        self._current: list[tuple[Interval, deque[Candle]]] = list(self._series.items())

    def add(self, time_ns: int, price_ticks: int, size_lots: int, quote_units: int) -> None:
        """Fold a trade in. O(intervals)."""
        for interval, series in self._current:
            if series:
                candle = series[-1]
                if time_ns < candle.end_ns:
                    if price_ticks > candle.high_ticks:
                        candle.high_ticks = price_ticks
                    elif price_ticks < candle.low_ticks:
                        candle.low_ticks = price_ticks
                    candle.close_ticks = price_ticks
                    volume_lots = candle.volume_lots + size_lots
                    candle.volume_lots = volume_lots if volume_lots < SUM_MAX else SUM_MAX  # noqa: FURB136 (hot)
                    turnover = candle.quote_units + quote_units
                    candle.quote_units = turnover if turnover < SUM_MAX else SUM_MAX  # noqa: FURB136 (hot)
                    candle.trades += 1
                    continue
            start_ns = interval_start_ns(interval, time_ns)
            end_ns = start_ns + INTERVAL_NS[interval]
            prices = (price_ticks, price_ticks, price_ticks, price_ticks)
            series.append(Candle(start_ns, end_ns, *prices, size_lots, quote_units, 1))

    def last(self, interval: Interval, limit: int, before_ns: int | None = None) -> list[Candle]:
        """Return at most `limit` candles, oldest first: the newest, or the newest that begin before `before_ns`."""
        chosen: list[Candle] = []
        for candle in reversed(self._series[interval]):
            if len(chosen) >= limit:
                break
            if before_ns is None or candle.time_ns < before_ns:
                chosen.append(candle)
        chosen.reverse()
        return chosen

    def since(self, interval: Interval, time_ns: int) -> list[Candle]:
        """Return the candles, oldest first, that a trade at or after `time_ns` may have changed."""
        chosen: list[Candle] = []
        for candle in reversed(self._series[interval]):
            if candle.end_ns <= time_ns:
                break
            chosen.append(candle)
        chosen.reverse()
        return chosen

    def dump(self) -> dict[Interval, list[Candle]]:
        """Return what `load` needs."""
        return {interval: list(series) for interval, series in self._series.items()}

    def load(self, state: dict[Interval, list[Candle]]) -> None:
        """Take over dumped candles."""
        for interval, candles in state.items():
            self._series[interval].extend(candles)
