"""Returns of known properties: the verdicts that they must get."""

from collections.abc import Callable

import numpy as np
import pytest

from cryptex.sim.report import returns
from cryptex.sim.report.statistics import NotComputable
from tests.sim.report import series

BARS = 960


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_returns(seed: int) -> None:
    values = series.gaussian(seed, BARS)
    assert returns.uncorrelated_share(values) >= 0.8
    assert abs(returns.lag_one(values)) < 0.15
    assert returns.excess_kurtosis(values) < returns.excess_kurtosis_min(1e9)
    assert returns.tail_exponent(values) > 5
    assert returns.aggregation_ratio(values) > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_student_tails(seed: int) -> None:
    values = series.student(seed, 20_000)
    assert returns.tail_exponent(values) == pytest.approx(3, abs=0.4)
    assert returns.excess_kurtosis(values) > returns.excess_kurtosis_min(3)
    assert returns.aggregation_ratio(values) < 0.8


@pytest.mark.parametrize("seed", range(3))
def test_autoregression_is_not_uncorrelated(seed: int) -> None:
    values = series.autoregressive(seed, BARS, 0.9)
    assert returns.uncorrelated_share(values) < 0.8
    assert returns.lag_one(values) > 0.15


def test_robust_band_is_wider_where_volatility_clusters() -> None:
    """In a GARCH market Bartlett's band calls lags correlated that are not; the robust one does so in 5 %."""
    inside_robust, inside_bartlett = [], []
    for seed in range(40):
        values = series.garch(seed, BARS)
        correlations = np.abs(returns.autocorrelation(values, 20))
        inside_robust.append(np.mean(correlations <= returns.robust_band(values, 20)))
        inside_bartlett.append(np.mean(correlations <= 1.96 / np.sqrt(BARS)))
    assert np.mean(inside_robust) == pytest.approx(0.95, abs=0.02)
    assert np.mean(inside_bartlett) < 0.9


def test_robust_band_of_gaussian_returns_is_bartletts() -> None:
    values = series.gaussian(8, 20_000)
    np.testing.assert_allclose(returns.robust_band(values, 5), 1.96 / np.sqrt(20_000), rtol=0.05)


def test_a_gaussian_walk_on_a_poisson_clock_has_no_heavy_tails() -> None:
    """Its excess kurtosis is 3 / trades per bar: a bar for "heavy" at 0 or at 1 would call it heavy."""
    counts = np.random.default_rng(9).poisson(1.5, 20_000)
    values = np.sqrt(counts) * series.gaussian(10, 20_000)
    found = returns.excess_kurtosis(values)
    assert found == pytest.approx(3 / 1.5, abs=0.3)
    assert 1 < found < returns.excess_kurtosis_min(1.5)


@pytest.mark.parametrize(
    "fact",
    [
        returns.lag_one,
        returns.uncorrelated_share,
        returns.kurtosis,
        returns.tail_exponent,
        returns.aggregation_ratio,
        lambda values: returns.robust_band(values, 5),
    ],
)
def test_a_market_that_stands_still_has_no_facts(fact: Callable[[series.Real], object]) -> None:
    with pytest.raises(NotComputable):
        fact(np.zeros(BARS))
