"""Clusters of volatility: there where they were put, and nowhere else."""

import numpy as np
import pytest

from cryptex.sim.report import volatility
from cryptex.sim.report.statistics import NotComputable
from tests.sim.report import series

BARS = 960
CLUSTERED_MIN = 0.03


@pytest.mark.parametrize("seed", range(5))
def test_independent_returns_do_not_cluster(seed: int) -> None:
    assert volatility.clustering(series.gaussian(seed, BARS)) < CLUSTERED_MIN
    assert volatility.clustering(series.student(seed, BARS)) < CLUSTERED_MIN


@pytest.mark.parametrize("seed", range(5))
def test_garch_and_stochastic_volatility_cluster(seed: int) -> None:
    assert volatility.clustering(series.garch(seed, 4 * BARS)) > CLUSTERED_MIN
    assert volatility.clustering(series.stochastic_volatility(10 * seed, BARS)) > CLUSTERED_MIN


def test_long_memory_decays_slowly_and_none_not_at_all() -> None:
    memory = np.abs(series.stochastic_volatility(3, 8 * BARS, half_life=400.0))
    assert 0 < volatility.slow_decay(memory) < 0.6
    with pytest.raises(NotComputable):
        volatility.slow_decay(series.gaussian(3, BARS))


def test_volume_correlation_is_of_ranks() -> None:
    moves = np.array([0.1, -0.4, 0.2, -0.9, 0.3])
    assert volatility.volume_correlation(moves, np.exp(9 * np.abs(moves))) == pytest.approx(1)
    assert volatility.volume_correlation(moves, -np.abs(moves)) == pytest.approx(-1)
    with pytest.raises(NotComputable):
        volatility.volume_correlation(moves, np.ones(5))


def test_volume_without_volatility() -> None:
    assert abs(volatility.volume_correlation(series.gaussian(1, BARS), series.gaussian(2, BARS))) < 0.1
