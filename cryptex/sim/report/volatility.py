"""Volatility of bars: it comes in clusters that fade slowly, and with volume (Cont 2001, facts 6, 8 and 10)."""

from typing import Final

import numpy as np
from scipy.stats import rankdata

from cryptex.sim.report.statistics import NotComputable, Real, autocorrelation, decay_exponent

CLUSTER_LAGS: Final = 20
DECAY_LAGS_MAX: Final = 100


def clustering(returns: Real) -> float:
    """Return the mean autocorrelation of absolute returns over lags 1 to 20. Raises NotComputable."""
    return float(np.mean(autocorrelation(np.abs(returns), CLUSTER_LAGS)))


def slow_decay(returns: Real) -> float:
    """Return the exponent with which the autocorrelation of absolute returns fades. Raises NotComputable."""
    lags = min(DECAY_LAGS_MAX, len(returns) // 10)
    return decay_exponent(autocorrelation(np.abs(returns), lags))


def volume_correlation(returns: Real, volumes: Real) -> float:
    """Return Spearman's rank correlation of absolute return and volume, bar by bar. Raises NotComputable."""
    ranks = [rankdata(values) - (len(values) + 1) / 2 for values in (np.abs(returns), volumes)]
    norm = float(np.sqrt(np.sum(ranks[0] ** 2) * np.sum(ranks[1] ** 2)))
    if norm == 0:
        raise NotComputable("nothing varies")
    return float(np.sum(ranks[0] * ranks[1])) / norm
