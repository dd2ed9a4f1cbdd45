"""Induced values: what units are worth to traders in an experiment, and what became of them.

Smith (1962), "An experimental study of competitive market behavior": each trader is told what a unit is worth to him or
costs him, so that the surplus a market could realise is known, and what it did realise can be measured.
"""

from collections.abc import Iterator, Sequence
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


def most_surplus(values: Sequence[int], costs: Sequence[int]) -> int:
    """Return the greatest surplus that trading can realise: the keenest buyers with the cheapest sellers."""
    return sum(max(value - cost, 0) for value, cost in _pairs(values, costs))


def equilibrium(values: Sequence[int], costs: Sequence[int]) -> float | None:
    """Return the middle of the prices at which supply meets demand; None where they do not."""
    demand, supply = sorted(values, reverse=True), sorted(costs)
    traded = sum(value >= cost for value, cost in _pairs(values, costs))
    if not traded:
        return None
    low = max([supply[traded - 1], *demand[traded : traded + 1]])
    high = min([demand[traded - 1], *supply[traded : traded + 1]])
    return (low + high) / 2


def alpha(prices: Sequence[int], equilibrium_price: float) -> float:
    """Return Smith's (1962) coefficient of convergence in percent: the spread of prices about the equilibrium / it."""
    squares = sum((price - equilibrium_price) ** 2 for price in prices)
    return 100 * sqrt(squares / len(prices)) / equilibrium_price


def _pairs(values: Sequence[int], costs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield demand from the highest value down beside supply from the lowest cost up."""
    return zip(sorted(values, reverse=True), sorted(costs), strict=False)


class Unit(NamedTuple):
    """One unit of one trader in one period: what it is worth or costs, and what it was traded for, or None."""

    period: int
    trader: int
    side: Side
    value: int
    price: int | None


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment with induced values. Efficiency and Smith's alpha (first and last period) are in percent."""

    group: str
    agent: str
    periods: int
    shouts_least: int
    efficiency: float
    paper_efficiency: float | None
    alpha_first: float | None
    alpha_last: float | None


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
        best = most_surplus(self.schedule.values, self.schedule.costs) * len(self.periods)
        signs = {Side.BUY: 1, Side.SELL: -1}
        realised = sum(signs[unit.side] * unit.value for unit in self.units if unit.price is not None)
        return 100 * realised / best if best else 0.0

    def alphas(self) -> list[float]:
        """Return Smith's alpha of each period that had trades, in percent."""
        middle = equilibrium(self.schedule.values, self.schedule.costs)
        prices: dict[int, list[int]] = {period: [] for period in self.periods}
        for unit in self.units:
            if unit.side is Side.BUY and unit.price is not None:
                prices[unit.period].append(unit.price)
        return [alpha(traded, middle) for traded in prices.values() if traded and middle]
