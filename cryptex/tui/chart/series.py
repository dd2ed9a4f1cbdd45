"""Candles of one market and interval as a chart needs them: by time, as numbers to draw, with their indicators.

Prices become floats here, for pixels and indicators alone; what is written on the screen is the candle's decimals.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cryptex.client.models import Candle
from cryptex.protocol.terms import INTERVAL_SECONDS, Interval
from cryptex.tui.chart.indicators import Indicator, Study, indicator

BARS_MAX: Final = 5_000
"""Candles that a chart keeps; there is no panning beyond."""
_BARS_DROPPED: Final = 500
"""Oldest candles that go at once when there are too many: indicators are computed anew then."""
_MONDAY_S: Final = 4 * INTERVAL_SECONDS[Interval.D1]
"""The first Monday after the epoch: weeks begin there."""


class Bar(NamedTuple):
    """A candle as numbers to draw; `start_s` is when it begins, in seconds since 1970."""

    start_s: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    candle: Candle


def bar_of(candle: Candle) -> Bar:
    """Return a candle as numbers."""
    return Bar(
        int(candle.time.timestamp()),
        float(candle.open),
        float(candle.high),
        float(candle.low),
        float(candle.close),
        float(candle.volume),
        candle,
    )


def joined(bars: Sequence[Bar]) -> Candle:
    """Return one candle for neighbours, in decimals. There is at least one."""
    candles = [bar.candle for bar in bars]
    return Candle(
        candles[0].time,
        candles[0].open,
        max(candle.high for candle in candles),
        min(candle.low for candle in candles),
        candles[-1].close,
        sum((candle.volume for candle in candles[1:]), candles[0].volume),
        sum(candle.trades for candle in candles),
    )


class Series:
    """Candles by time, oldest first; a change of the last one costs no more than that one."""

    def __init__(self, interval: Interval) -> None:
        self.interval = interval
        self.length_s: int = INTERVAL_SECONDS[interval]
        self.shift_s: int = _MONDAY_S if interval is Interval.W1 else 0
        """Where intervals are counted from, after 1970."""
        self.bars: list[Bar] = []
        self.starts: list[int] = []
        """Of each bar, to search in."""
        self._indicators: dict[Study, Indicator] = {}

    def fold(self, candles: Sequence[Candle]) -> bool:
        """Take the newest candles, oldest first: they replace all from the first of them on. True if that changed."""
        if not candles:
            return False
        start = bisect_left(self.starts, int(candles[0].time.timestamp()))
        same = 0
        for bar, candle in zip(self.bars[start:], candles, strict=False):
            if bar.candle != candle:
                break
            same += 1
        start += same
        fresh = [bar_of(candle) for candle in candles[same:]]
        if not fresh and start == len(self.bars):
            return False
        self._replace(start, fresh)
        if len(self.bars) > BARS_MAX:
            self._drop(len(self.bars) - BARS_MAX + _BARS_DROPPED)
        return True

    def prepend(self, candles: Iterable[Candle]) -> bool:
        """Take older candles, newest first, as far as there is room; False where nothing came of it."""
        first_s = self.starts[0] if self.starts else None
        older = [bar_of(candle) for candle in candles]
        older = [bar for bar in reversed(older) if first_s is None or bar.start_s < first_s]
        room = BARS_MAX - len(self.bars)
        older = older[max(0, len(older) - room) :] if room > 0 else []
        if older:
            self._replace(0, older + self.bars)
        return bool(older)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for older candles."""
        return len(self.bars) >= BARS_MAX - _BARS_DROPPED

    def values(self, study: Study) -> list[float | None]:
        """Return an indicator's value at each bar; None where it has none yet."""
        found = self._indicators.get(study)
        if found is None:
            found = self._indicators[study] = indicator(study, self.interval)
        found.extend(self.bars)
        return found.values

    def _replace(self, start: int, fresh: list[Bar]) -> None:
        self.bars[start:] = fresh
        self.starts[start:] = [bar.start_s for bar in fresh]
        for known in self._indicators.values():
            known.cut(start)

    def _drop(self, count: int) -> None:
        self._replace(0, self.bars[count:])
