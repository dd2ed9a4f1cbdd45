"""A chart before it is drawn: series of points on two axes, which terminal and SVG draw alike."""

import math
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

TICKS_WANTED: Final = 5
_STEPS: Final = (1, 2, 5, 10)


class Mark(Enum):
    """How a series is drawn."""

    LINE = "line"
    POINTS = "points"
    BARS = "bars"


class Series(NamedTuple):
    """Points in the order of x, both in the units of the axes."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    mark: Mark = Mark.LINE


class Chart(NamedTuple):
    """Series on the same axes. On a logarithmic axis, points that are not above zero are left out."""

    title: str
    x_label: str
    y_label: str
    series: Sequence[Series]
    log: bool = False
    """Whether both axes are logarithmic."""


class Axis(NamedTuple):
    """An axis from `low` to `high`, in logarithms of ten where `log`."""

    low: float
    high: float
    log: bool

    def place(self, value: float) -> float:
        """Return where a value stands, from 0 at the low end to 1 at the high end."""
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return round values inside the axis, a few."""
        if self.log and self.high - self.low >= 1:
            return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]
        low, high = (10**self.low, 10**self.high) if self.log else (self.low, self.high)
        return _round_values(low, high)


def drawn(chart: Chart) -> list[Series]:
    """Return the series with those points that can be drawn."""
    return [_drawn(series, chart.log) for series in chart.series]


def axes(chart: Chart) -> tuple[Axis, Axis] | None:
    """Return the axes that hold all points, or None where there is none. Bars stand on zero."""
    series = drawn(chart)
    x = [value for each in series for value in each.x]
    y = [value for each in series for value in each.y]
    if not x:
        return None
    y += [0.0] if any(each.mark is Mark.BARS for each in series) else []
    return _axis(x, chart.log), _axis(y, chart.log)


def tick_text(value: float) -> str:
    """Return a tick's value, short."""
    return f"{value:.10g}" if value == 0 or 1e-4 <= abs(value) < 1e7 else f"{value:.0e}"


def _drawn(series: Series, log: bool) -> Series:
    points = [
        (x, y)
        for x, y in zip(series.x, series.y, strict=True)
        if math.isfinite(x) and math.isfinite(y) and (not log or (x > 0 and y > 0))
    ]
    return series._replace(x=[x for x, _ in points], y=[y for _, y in points])


def _axis(values: Sequence[float], log: bool) -> Axis:
    low, high = min(values), max(values)
    if log:
        low, high = math.log10(low), math.log10(high)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return Axis(low, high, log)


def _round_values(low: float, high: float) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten between two values."""
    rough = (high - low) / TICKS_WANTED
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(each for each in _STEPS if each * power >= rough * (1 - 1e-9))
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
