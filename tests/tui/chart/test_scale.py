"""Scales and round numbers."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.chart.scale import Scale, nice_step, price_scale, ticks
from tests.tui.chart.candles import CENT


@pytest.mark.parametrize(
    ("least", "step"), [(1, "1"), (1.01, "2"), (2.1, "5"), (5.1, "10"), (0.03, "0.05"), (0.1, "0.1"), (12_345, "20000")]
)
def test_nice_steps_are_one_two_and_five(least: float, step: str) -> None:
    assert nice_step(least) == Decimal(step)


def test_rows_and_halves() -> None:
    scale = Scale(0.0, 9.0, 5)
    assert [scale.part(price, 2) for price in (9, 8, 1, 0)] == [0, 1, 8, 9]
    assert [scale.row(price) for price in (9, 8, 1, 0)] == [0, 0, 4, 4]
    assert scale.row(12) < 0
    assert scale.row(-2) >= 5


@given(st.floats(0.01, 1e6), st.floats(0, 1e5), st.integers(1, 80))
def test_every_price_between_is_on_the_scale(low: float, span: float, rows: int) -> None:
    scale = price_scale(low, low + span, rows, CENT)
    assert 0 <= scale.row(low + span) <= scale.row(low) < rows
    assert (scale.high - scale.low) <= max(span, 0.08) * 1.3


@given(st.floats(0.01, 1e6), st.floats(0, 1e5), st.integers(3, 80))
def test_labels_are_on_the_scale_apart_and_on_the_tick(low: float, span: float, rows: int) -> None:
    scale = price_scale(low, low + span, rows, CENT)
    shown = list(ticks(scale, 3, CENT))
    at = [scale.row(float(price)) for price in shown]
    assert all(0 <= row < rows for row in at)
    assert all(above - below >= 2 for above, below in itertools.pairwise(at))
    assert all(price % CENT == 0 for price in shown)
    assert len(shown) <= rows / 3 + 1


def test_a_small_new_high_moves_nothing() -> None:
    assert price_scale(100.0, 200.0, 20, CENT) == price_scale(101.0, 199.0, 20, CENT)


def test_one_price_has_a_scale_too() -> None:
    scale = price_scale(5.0, 5.0, 9, CENT)
    assert scale.row(5.0) == 4
    assert list(ticks(scale, 3, CENT))
