"""Indicators over candles. Pure; each is computed on from where it stands, so that a new price costs one step.

Candles without trades are left out by the exchange, and are not counted here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from cryptex.client.models import Candle
from cryptex.protocol.terms import Interval

SMA_PERIOD: Final = 20
EMA_PERIOD: Final = 50
RSI_PERIOD: Final = 14
RSI_HIGH: Final = 70.0
RSI_LOW: Final = 30.0


class Study(StrEnum):
    """The indicators to choose from."""

    SMA = "SMA"
    EMA = "EMA"
    VWAP = "VWAP"
    RSI = "RSI"


OVERLAYS: Final = (Study.SMA, Study.EMA, Study.VWAP)
"""Those that are prices, and are drawn over the candles."""
TITLES: Final = {
    Study.SMA: f"SMA {SMA_PERIOD}",
    Study.EMA: f"EMA {EMA_PERIOD}",
    Study.VWAP: "VWAP",
    Study.RSI: f"RSI {RSI_PERIOD}",
}


NEEDS: Final = {Study.SMA: SMA_PERIOD, Study.EMA: EMA_PERIOD, Study.VWAP: 1, Study.RSI: RSI_PERIOD + 1}
"""Candles before there is a value."""


class Priced(Protocol):
    """What indicators need of a bar."""

    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def close(self) -> float: ...
    @property
    def volume(self) -> float: ...
    @property
    def candle(self) -> Candle: ...


class Indicator(ABC):
    """A value for each bar, None at the beginning where there are too few; `values` grows with `extend`."""

    def __init__(self) -> None:
        self.values: list[float | None] = []

    def cut(self, start: int) -> None:
        """Forget the values from a bar on: it changed, or is gone."""
        del self.values[start:]

    def extend(self, bars: Sequence[Priced]) -> None:
        """Compute the values that are missing."""
        for at in range(len(self.values), len(bars)):
            self.values.append(self._next(bars, at))

    @abstractmethod
    def _next(self, bars: Sequence[Priced], at: int) -> float | None:
        """Return the value at a bar; those before it are in `values`."""


class Sma(Indicator):
    """The mean of the last closes."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self._period = period

    def _next(self, bars: Sequence[Priced], at: int) -> float | None:
        first = at - self._period + 1
        return None if first < 0 else sum(bars[i].close for i in range(first, at + 1)) / self._period


class Ema(Indicator):
    """The exponential mean of closes, with a weight of 2 / (period + 1); it begins with the mean of the first ones."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self._period = period

    def _next(self, bars: Sequence[Priced], at: int) -> float | None:
        if at < self._period - 1:
            return None
        before = self.values[at - 1] if at else None
        if before is None:
            return sum(bars[i].close for i in range(at + 1)) / self._period
        return before + (bars[at].close - before) * 2 / (self._period + 1)


class _WithState(Indicator):
    """An indicator that carries two sums from bar to bar."""

    def __init__(self) -> None:
        super().__init__()
        self._sums: list[tuple[float, float]] = []

    def cut(self, start: int) -> None:
        super().cut(start)
        del self._sums[start:]


class Vwap(_WithState):
    """The volume-weighted mean of (high + low + close) / 3 since the session began.

    `session` tells, of a candle's time, to which session it belongs.
    """

    def __init__(self, session: Callable[[datetime], object]) -> None:
        super().__init__()
        self._session = session

    def _next(self, bars: Sequence[Priced], at: int) -> float | None:
        bar = bars[at]
        traded, volume = 0.0, 0.0
        if at and self._session(bars[at - 1].candle.time) == self._session(bar.candle.time):
            traded, volume = self._sums[at - 1]
        traded += (bar.high + bar.low + bar.close) / 3 * bar.volume
        volume += bar.volume
        self._sums.append((traded, volume))
        return traded / volume if volume else None


class Rsi(_WithState):
    """Wilder's relative strength index, 0 to 100: his smoothing of gains against losses of the close."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self._period = period

    def _next(self, bars: Sequence[Priced], at: int) -> float | None:
        change = bars[at].close - bars[at - 1].close if at else 0.0
        gain, loss = max(change, 0.0), max(-change, 0.0)
        gains, losses = self._sums[at - 1] if at else (0.0, 0.0)
        if at <= self._period:  # the first means are plain ones, of as many changes as the period has
            gains, losses = gains + gain / self._period, losses + loss / self._period
        else:
            gains += (gain - gains) / self._period
            losses += (loss - losses) / self._period
        self._sums.append((gains, losses))
        if at < self._period:
            return None
        if not gains + losses:
            return 50.0
        return 100 * gains / (gains + losses)


def session_of(interval: Interval) -> Callable[[datetime], object]:
    """Return how VWAP's sessions are told apart: UTC days, for candles of days months, for those of weeks years."""
    if interval is Interval.W1:
        return lambda time: time.year
    if interval is Interval.D1:
        return lambda time: (time.year, time.month)
    return lambda time: time.toordinal()


def indicator(study: Study, interval: Interval) -> Indicator:
    """Return a new indicator for candles of an interval."""
    if study is Study.SMA:
        return Sma(SMA_PERIOD)
    if study is Study.EMA:
        return Ema(EMA_PERIOD)
    if study is Study.VWAP:
        return Vwap(session_of(interval))
    return Rsi(RSI_PERIOD)
