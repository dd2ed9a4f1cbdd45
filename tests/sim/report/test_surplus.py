"""Efficiency and alpha of markets that fit on a napkin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.sim.induced import equilibrium
from cryptex.sim.report import surplus
from cryptex.sim.report.decode import ABSENT, InducedValue
from cryptex.sim.report.statistics import NotComputable

ONE = 100_000_000


def unit(sign: int, value: int, price: int = ABSENT, period: int = 1) -> InducedValue:
    return InducedValue(period, f"{'buyer' if sign > 0 else 'seller'}-{value}", sign, value * ONE, price * ONE)


def napkin(*traded: tuple[int, int, int]) -> list[InducedValue]:
    """Buyers of 10, 8, 6, 4 and sellers of 3, 5, 7, 9; `traded` are (value, cost, price)."""
    bought = {value: price for value, _, price in traded}
    sold = {cost: price for _, cost, price in traded}
    buyers = [unit(1, value, bought.get(value, ABSENT)) for value in (10, 8, 6, 4)]
    return buyers + [unit(-1, cost, sold.get(cost, ABSENT)) for cost in (3, 5, 7, 9)]


def test_all_that_could_be_gained() -> None:
    (period,) = surplus.periods(napkin((10, 3, 6), (8, 5, 7)))
    assert period.efficiency == 1
    assert period.units == 2
    assert period.equilibrium_price == 6.5
    assert period.mean_price == 6.5
    assert period.alpha == pytest.approx(100 * 0.5 / 6.5)


def test_who_trades_at_a_loss_costs_all() -> None:
    """The buyer of 4 and the seller of 9 are 5 below nothing: 7 + 3 - 5 of the 10 that could be gained."""
    (period,) = surplus.periods(napkin((10, 3, 6), (8, 5, 7), (4, 9, 8)))
    assert period.efficiency == 0.5


def test_a_pair_that_should_not_have_met() -> None:
    (period,) = surplus.periods(napkin((8, 7, 7)))
    assert period.efficiency == 0.1


def test_no_trades() -> None:
    (period,) = surplus.periods(napkin())
    assert (period.efficiency, period.alpha, period.mean_price) == (0, None, None)


def test_periods_stand_in_order_and_alone() -> None:
    later = [value._replace(period=2) for value in napkin((10, 3, 6))]
    found = surplus.periods(later + napkin((10, 3, 6), (8, 5, 7)))
    assert [(period.period, period.efficiency) for period in found] == [(1, 1), (2, 0.7)]
    assert surplus.mean_efficiency(found) == pytest.approx(0.85)


def test_nothing_to_gain() -> None:
    found = surplus.periods([unit(1, 3), unit(-1, 5)])
    assert found[0].efficiency is None
    assert found[0].equilibrium_price is None
    for mean in (surplus.mean_efficiency, surplus.mean_alpha):
        with pytest.raises(NotComputable):
            mean(found)


def test_a_trade_needs_two_sides() -> None:
    with pytest.raises(NotComputable, match="period 1"):
        surplus.periods([unit(1, 10, 6), unit(-1, 3)])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_the_equilibrium_price_clears_the_market(values: list[int], costs: list[int]) -> None:
    """Where the cheapest seller and the keenest buyer may trade, everyone who gains at that price can do so."""
    price = equilibrium([value * ONE for value in values], [cost * ONE for cost in costs])
    if max(values) < min(costs):
        assert price is None
        return
    assert price is not None
    price /= ONE
    keen_buyers, keen_sellers = sum(value > price for value in values), sum(cost < price for cost in costs)
    assert keen_buyers <= sum(cost <= price for cost in costs)
    assert keen_sellers <= sum(value >= price for value in values)


@given(st.permutations([10, 8, 6, 4]), st.permutations([3, 5, 7, 9]), st.integers(0, 4))
def test_no_market_gains_more_than_all(values: list[int], costs: list[int], trades: int) -> None:
    pairs = list(zip(values, costs, strict=True))[:trades]
    (period,) = surplus.periods(napkin(*[(value, cost, 6) for value, cost in pairs]))
    assert period.efficiency is not None
    assert period.efficiency <= 1
    assert period.efficiency == pytest.approx(sum(value - cost for value, cost in pairs) / 10)
