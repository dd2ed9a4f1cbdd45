"""Induced-value scenarios: how much of what could be gained by trading was gained, and how far prices strayed.

Each unit is worth something to its trader (decode.InducedValue); amounts are whole numbers of 1e-8.
"""

from collections.abc import Sequence
from itertools import groupby

from cryptex.sim.induced import alpha, equilibrium, most_surplus
from cryptex.sim.report.decode import ABSENT, InducedValue
from cryptex.sim.report.model import Period
from cryptex.sim.report.statistics import NotComputable


def periods(values: Sequence[InducedValue]) -> list[Period]:
    """Return efficiency and alpha of each period, in order. Raises NotComputable if a trade has no two sides."""
    ordered = sorted(values, key=lambda unit: unit.period)
    return [_period(number, list(units)) for number, units in groupby(ordered, key=lambda unit: unit.period)]


def efficiency(units: Sequence[InducedValue]) -> float | None:
    """Return realised / maximum surplus; None where nothing could be gained.

    What price a buyer pays a seller cancels out: what counts is who trades at all.
    """
    best = most_surplus(*_schedules(units))
    realised = sum(unit.sign * unit.value for unit in units if unit.price != ABSENT)
    return realised / best if best else None


def mean_efficiency(found: Sequence[Period]) -> float:
    """Return the mean efficiency of the periods in which there was something to gain. Raises NotComputable."""
    known = [period.efficiency for period in found if period.efficiency is not None]
    if not known:
        raise NotComputable("no period had anything to gain")
    return sum(known) / len(known)


def mean_alpha(found: Sequence[Period]) -> float:
    """Return the mean of Smith's alpha over the periods with trades. Raises NotComputable."""
    known = [period.alpha for period in found if period.alpha is not None]
    if not known:
        raise NotComputable("no period had trades")
    return sum(known) / len(known)


def _period(number: int, units: list[InducedValue]) -> Period:
    bought = sorted(unit.price for unit in units if unit.price != ABSENT and unit.sign > 0)
    sold = sorted(unit.price for unit in units if unit.price != ABSENT and unit.sign < 0)
    if bought != sold:
        raise NotComputable(f"the prices of buyers and sellers differ in period {number}")
    price = equilibrium(*_schedules(units))
    return Period(
        period=number,
        group=_group(units),
        units=len(bought),
        equilibrium_price=None if price is None else price / 1e8,
        mean_price=sum(bought) / len(bought) / 1e8 if bought else None,
        efficiency=efficiency(units),
        alpha=alpha(bought, price) if bought and price else None,
    )


def _schedules(units: Sequence[InducedValue]) -> tuple[list[int], list[int]]:
    """Return demand and supply."""
    return [unit.value for unit in units if unit.sign > 0], [unit.value for unit in units if unit.sign < 0]


def _group(units: Sequence[InducedValue]) -> str:
    """Return the group whose accounts these are: a period is of one group."""
    return units[0].account.rpartition("-")[0]
