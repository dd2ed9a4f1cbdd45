"""Candles of one market: a fold over its trades in log time, the same in the node, in the projector and in replay."""

from collections import deque
from typing import Final

import msgspec

from cryptex.node.fold_states import Candle
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


def interval_start_ns(interval: Interval, time_ns: int) -> int:
    """Return the beginning of the interval that `time_ns` lies in; weeks begin on Monday."""
    shift = _MONDAY_NS if interval is Interval.W1 else 0
    return time_ns - (time_ns - shift) % INTERVAL_NS[interval]


def _join(candle: Candle, later: Candle) -> None:
    """Let a candle go on with one that lies within it and comes after its trades."""
    candle.high_ticks = max(candle.high_ticks, later.high_ticks)
    candle.low_ticks = min(candle.low_ticks, later.low_ticks)
    candle.close_ticks = later.close_ticks
    candle.volume_lots = min(candle.volume_lots + later.volume_lots, SUM_MAX)
    candle.quote_units = min(candle.quote_units + later.quote_units, SUM_MAX)
    candle.trades += later.trades


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
    """The last candles of every interval of one market, oldest first.

    Trades are summed up in a candle of their minute first, which goes into those of all intervals when the next minute
    begins or when somebody reads.
    """

    def __init__(self) -> None:
        self._series: dict[Interval, deque[Candle]] = {
            interval: deque(maxlen=CANDLES_KEPT_MAX) for interval in Interval
        }
        self._minute: Candle | None = None

    def add(self, time_ns: int, price_ticks: int, size_lots: int, quote_units: int) -> None:
        """Fold a trade in. O(1), once a minute O(intervals)."""
        minute = self._minute
        if minute is None or time_ns >= minute.end_ns:
            self._settle()
            prices = (price_ticks, price_ticks, price_ticks, price_ticks)
            start_ns = interval_start_ns(Interval.M1, time_ns)
            self._minute = Candle(start_ns, start_ns + INTERVAL_NS[Interval.M1], *prices, size_lots, quote_units, 1)
            return
        if price_ticks > minute.high_ticks:
            minute.high_ticks = price_ticks
        elif price_ticks < minute.low_ticks:
            minute.low_ticks = price_ticks
        minute.close_ticks = price_ticks
        volume_lots = minute.volume_lots + size_lots
        minute.volume_lots = volume_lots if volume_lots < SUM_MAX else SUM_MAX  # noqa: FURB136 (hot)
        turnover = minute.quote_units + quote_units
        minute.quote_units = turnover if turnover < SUM_MAX else SUM_MAX  # noqa: FURB136 (hot)
        minute.trades += 1

    def _settle(self) -> None:
        """Let the minute's candle go into those of all intervals. What follows in the same minute begins another."""
        minute, self._minute = self._minute, None
        if minute is None:
            return
        for interval, series in self._series.items():
            if series and minute.time_ns < series[-1].end_ns:
                _join(series[-1], minute)
            else:
                start_ns = interval_start_ns(interval, minute.time_ns)
                end_ns = start_ns + INTERVAL_NS[interval]
                series.append(msgspec.structs.replace(minute, time_ns=start_ns, end_ns=end_ns))

    def last(self, interval: Interval, limit: int, before_ns: int | None = None) -> list[Candle]:
        """Return at most `limit` candles, oldest first: the newest, or the newest that begin before `before_ns`."""
        self._settle()
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
        self._settle()
        chosen: list[Candle] = []
        for candle in reversed(self._series[interval]):
            if candle.end_ns <= time_ns:
                break
            chosen.append(candle)
        chosen.reverse()
        return chosen

    def dump(self) -> dict[Interval, list[Candle]]:
        """Return what `load` needs."""
        self._settle()
        return {interval: list(series) for interval, series in self._series.items()}

    def load(self, state: dict[Interval, list[Candle]]) -> None:
        """Take over dumped candles."""
        for interval, candles in state.items():
            self._series[interval].extend(candles)
