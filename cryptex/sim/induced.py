"""Induced values: what units are worth to traders in an experiment, and what became of them.

Smith (1962), "An experimental study of competitive market behavior": each trader is told what a unit is worth to him or
costs him, so that the surplus a market could realise is known, and what it did realise can be measured.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Annotated, NamedTuple

import msgspec

from cryptex.protocol.terms import Side

Amounts = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=10**9)]], msgspec.Meta(min_length=1, max_length=1000)]


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Demand and supply in ticks, one number a unit, dealt in turn to `traders` buyers and as many sellers."""

    values: Amounts
    costs: Amounts
    traders: Annotated[int, msgspec.Meta(ge=1, le=500)] = 6

    def units(self, index: int) -> tuple[Side, list[int]]:
        """Return the side of a trader and what his units are worth or cost, the best first; sellers follow buyers."""
        if index < self.traders:
            return Side.BUY, sorted(self.values, reverse=True)[index :: self.traders]
        return Side.SELL, sorted(self.costs)[index - self.traders :: self.traders]

    def surplus(self) -> int:
        """Return the greatest surplus that trading can realise."""
        pairs = zip(sorted(self.values, reverse=True), sorted(self.costs), strict=False)
        return sum(max(value - cost, 0) for value, cost in pairs)

    def equilibrium(self) -> float:
        """Return the middle of the prices at which supply meets demand; 0 where they do not."""
        values, costs = sorted(self.values, reverse=True), sorted(self.costs)
        traded = sum(value >= cost for value, cost in zip(values, costs, strict=False))
        if not traded:
            return 0.0
        low = max([costs[traded - 1], *values[traded : traded + 1]])
        high = min([values[traded - 1], *costs[traded : traded + 1]])
        return (low + high) / 2


class Unit(NamedTuple):
    """One unit of one trader in one period: what it is worth or costs, and what it was traded for, or None."""

    period: int
    trader: int
    side: Side
    value: int
    price: int | None


class Session:
    """A group of traders with one schedule, over some periods. Traders tell it what they shout and trade."""

    def __init__(self, group: str, schedule: Schedule, paper_efficiency: float | None) -> None:
        self.group = group
        self.schedule = schedule
        self.paper_efficiency = paper_efficiency
        self.units: list[Unit] = []
        self.shouts: dict[int, int] = {}

    def shout(self, period: int) -> None:
        """Count a shout."""
        self.shouts[period] = self.shouts.get(period, 0) + 1

    def close(self, period: int, index: int, side: Side, values: Sequence[int], prices: Sequence[int]) -> None:
        """Note a trader's units at the end of a period; the first of them traded at `prices`."""
        for place, value in enumerate(values):
            self.units.append(Unit(period, index, side, value, prices[place] if place < len(prices) else None))

    @property
    def periods(self) -> list[int]:
        """The periods that came to their end."""
        return sorted(dict.fromkeys(unit.period for unit in self.units))

    def efficiency(self) -> float:
        """Return realised / maximum surplus in percent, over all periods."""
        best = self.schedule.surplus() * len(self.periods)
        signs = {Side.BUY: 1, Side.SELL: -1}
        realised = sum(signs[unit.side] * unit.value for unit in self.units if unit.price is not None)
        return 100 * realised / best if best else 0.0

    def alphas(self) -> list[float]:
        """Return Smith's alpha of each period in percent: the spread of prices about the equilibrium / it."""
        middle = self.schedule.equilibrium()
        alphas = []
        for period in self.periods:
            prices = [
                unit.price
                for unit in self.units
                if unit.period == period and unit.side is Side.BUY and unit.price is not None
            ]
            if prices and middle:
                spread = sqrt(sum((price - middle) ** 2 for price in prices) / len(prices))
                alphas.append(100 * spread / middle)
        return alphas
