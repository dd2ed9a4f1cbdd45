"""What the families of metrics share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.sim.report.statistics import (
    NotComputable,
    autocorrelation,
    decay_exponent,
    hill_exponent,
    line,
    log_binned,
)
from tests.sim.report import series


def test_autocorrelation_of_an_autoregression() -> None:
    found = autocorrelation(series.autoregressive(1, 50_000, 0.6), 4)
    np.testing.assert_allclose(found, [0.6, 0.36, 0.216, 0.13], atol=0.02)


@given(st.lists(st.integers(-5, 5), min_size=20, max_size=60), st.integers(1, 8))
def test_autocorrelation_is_bounded_and_blind_to_level_and_scale(values: list[int], lags: int) -> None:
    numbers = np.array(values, dtype=np.float64)
    if len(set(values)) == 1:
        with pytest.raises(NotComputable):
            autocorrelation(numbers, lags)
        return
    found = autocorrelation(numbers, lags)
    assert np.all(np.abs(found) <= 1 + 1e-12)
    np.testing.assert_allclose(found, autocorrelation(7 - 3 * numbers, lags), atol=1e-9)


@pytest.mark.parametrize("series_", [np.ones(100), np.arange(5.0)], ids=["constant", "short"])
def test_no_autocorrelation(series_: series.Real) -> None:
    with pytest.raises(NotComputable):
        autocorrelation(series_, 3)


def test_hill_finds_the_exponent_of_a_pareto_tail() -> None:
    values = 1 + np.random.default_rng(2).pareto(1.7, 100_000)
    assert hill_exponent(values, 0.025) == pytest.approx(1.7, rel=0.06)


def test_hill_is_blind_to_scale() -> None:
    values = np.abs(series.student(3, 4_000))
    assert hill_exponent(values, 0.05) == pytest.approx(hill_exponent(1e8 * values, 0.05))


@pytest.mark.parametrize(
    "values", [np.arange(1.0, 100.0), np.zeros(1_000), np.full(1_000, 3.0)], ids=["few", "zeros", "one value"]
)
def test_no_tail(values: series.Real) -> None:
    with pytest.raises(NotComputable):
        hill_exponent(values, 0.025)


def test_decay_of_a_power_law() -> None:
    assert decay_exponent(0.4 * np.arange(1, 101) ** -0.3) == pytest.approx(0.3, abs=0.02)


def test_what_is_gone_at_once_has_no_decay() -> None:
    correlations = np.concatenate(([0.4, 0.3], np.full(98, -0.01)))
    with pytest.raises(NotComputable):
        decay_exponent(correlations)


def test_bins_hold_each_lag_once() -> None:
    _, means = log_binned(np.arange(1.0, 14.0))
    assert means.tolist() == [1.0, 2.0, 3.0, 4.5, 7.0, 10.5]


def test_line() -> None:
    x = np.array([0.0, 1.0, 2.0])
    assert line(x, 1 + 2 * x) == pytest.approx((2, 1))
    assert line(x, np.array([1.0, 0.0, 5.0])) == pytest.approx((2, 0))
    with pytest.raises(NotComputable):
        line(np.ones(3), x)
