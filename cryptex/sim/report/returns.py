"""Returns of bars: no memory, heavy tails that fade over longer bars (Cont 2001, facts 1, 2 and 4).

`returns` are changes of the log price, one a bar. All functions raise NotComputable where nothing varies.
"""

from typing import Final

import numpy as np

from cryptex.sim.report.statistics import NotComputable, Real, autocorrelation, hill_exponent

LAG_MAX: Final = 20
SMALL_CORRELATION: Final = 0.03
"""An autocorrelation below this is nothing that a trader could use, however narrow the band."""

HILL_SHARE: Final = 0.025
AGGREGATED_BARS: Final = range(10, 21)
_NORMAL_95: Final = 1.96


def lag_one(returns: Real) -> float:
    """Return the autocorrelation at lag 1."""
    return float(autocorrelation(returns, 1)[0])


def uncorrelated_share(returns: Real) -> float:
    """Return the share of lags 2 to 20 whose autocorrelation is inside the robust band, or small."""
    correlations = autocorrelation(returns, LAG_MAX)
    near_zero = np.abs(correlations) <= np.maximum(robust_band(returns, LAG_MAX), SMALL_CORRELATION)
    return float(np.mean(near_zero[1:]))


def robust_band(returns: Real, lags: int) -> Real:
    """Return the 95 % half-width about zero for the autocorrelation at lags 1 to `lags`, heteroskedasticity allowed.

    Bartlett's 1.96 / sqrt(n) takes returns for equally wild at all times; where they cluster, it is too narrow. This
    one weighs each product by its own size (White 1980, Lo and MacKinlay 1988).
    """
    squares = (returns - np.mean(returns)) ** 2
    if not np.any(squares):
        raise NotComputable("nothing varies")
    sums = np.array([np.sum(squares[lag:] * squares[:-lag]) for lag in range(1, lags + 1)])
    return np.asarray(_NORMAL_95 * np.sqrt(sums) / np.sum(squares))


def kurtosis(returns: Real) -> float:
    """Return the kurtosis: 3 for a Gaussian."""
    squares = (returns - np.mean(returns)) ** 2
    variance = float(np.mean(squares))
    if variance <= np.finfo(float).tiny:
        raise NotComputable("nothing varies")
    return float(np.mean(squares**2)) / variance**2


def excess_kurtosis(returns: Real) -> float:
    """Return the kurtosis above a Gaussian's."""
    return kurtosis(returns) - 3


def excess_kurtosis_min(trades_per_bar: float) -> float:
    """Return the excess kurtosis from which tails are heavy.

    A Gaussian walk that steps at the trades of a Poisson clock has 3 / trades_per_bar already: that shows nothing.
    """
    return 1 + 3 / trades_per_bar


def tail_exponent(returns: Real) -> float:
    """Return Hill's exponent of the largest 2.5 % of absolute returns."""
    return hill_exponent(np.abs(returns), HILL_SHARE)


def aggregation_ratio(returns: Real) -> float:
    """Return the mean kurtosis of returns over 10 to 20 bars / the kurtosis over one: about 1 for a Gaussian.

    Longer returns overlap, so that none of the few is lost.
    """
    sums = np.concatenate(([0.0], np.cumsum(returns)))
    if len(returns) <= 2 * AGGREGATED_BARS[-1]:
        raise NotComputable("too few bars to put together")
    longer = [kurtosis(sums[bars:] - sums[:-bars]) for bars in AGGREGATED_BARS]
    return float(np.mean(longer)) / kurtosis(returns)
