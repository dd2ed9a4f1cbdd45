"""Scales: which price stands on which row, and round numbers along an axis. Pure."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor, log10
from typing import Final, NamedTuple

_GRAINS: Final = 16
"""A scale's ends are multiples of about a sixteenth of its span: a new high seldom moves everything."""
_STEPS_LEAST: Final = 8
"""Price steps that a scale spans at least, however little the price moved."""


def nice_step(least: float) -> Decimal:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below `least`, which is above zero."""
    exponent = floor(log10(least))
    for power in (exponent, exponent + 1):
        for digit in (1, 2, 5):
            step = Decimal(digit).scaleb(power)
            if float(step) >= least * (1 - 1e-9):
                return step
    return Decimal(1).scaleb(exponent + 2)


class Scale(NamedTuple):
    """Prices from `low` to `high` over `rows`, the highest on top. Half a row is the finest that is drawn."""

    low: float
    high: float
    rows: int

    def part(self, price: float, parts: int) -> int:
        """Return the place of a price in `parts` to a row, counted from the top; off the scale it is off the rows."""
        return floor((self.high - price) / (self.high - self.low) * (self.rows * parts - 1) + 0.5)

    def row(self, price: float) -> int:
        """Return the row of a price."""
        return self.part(price, 2) // 2


def price_scale(low: float, high: float, rows: int, tick: Decimal) -> Scale:
    """Return a scale that has both prices on it; its ends are round."""
    least = float(tick) * _STEPS_LEAST
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    grain = float(nice_step((high - low) / _GRAINS))
    return Scale(floor(low / grain) * grain, ceil(high / grain) * grain, rows)


def ticks(scale: Scale, rows_apart: int, tick: Decimal) -> Iterator[Decimal]:
    """Yield round prices on a scale, at least `rows_apart` rows from each other; none is finer than the tick."""
    step = max(nice_step((scale.high - scale.low) * rows_apart / scale.rows), tick)
    first = (Decimal(scale.low) / step).to_integral_value(ROUND_CEILING)
    last = (Decimal(scale.high) / step).to_integral_value(ROUND_FLOOR)
    for count in range(int(first), int(last) + 1):
        yield count * step
