"""Statistics that several families of metrics share. All are pure functions on arrays of numbers without units."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

HILL_TAIL_MIN: Final = 10
"""Fewer values than this are no tail."""

LOG_BIN_RATIO: Final = 1.5
"""How much longer each bin of lags is than the one before it."""

DECAY_BINS_MIN: Final = 5
"""Fewer bins with a positive autocorrelation than this show no decay."""


class NotComputable(Exception):
    """Raised where a metric has no value for this run; the message says why. Its verdict is n/a."""


def autocorrelation(series: Real, lags: int) -> Real:
    """Return the autocorrelation at lags 1 to `lags`. Raises NotComputable if the series is short or constant."""
    if len(series) < 2 * lags:
        raise NotComputable(f"{len(series)} values are too few for {lags} lags")
    centred = series - np.mean(series)
    variance = float(np.sum(centred * centred))
    if variance <= np.finfo(float).eps * len(series):
        raise NotComputable("nothing varies")
    return np.array([np.sum(centred[lag:] * centred[:-lag]) for lag in range(1, lags + 1)]) / variance


def hill_exponent(values: Real, tail_share: float) -> float:
    """Return the exponent of a power-law tail, by Hill's estimator on the largest `tail_share` of positive values.

    Raises NotComputable where that tail is fewer than HILL_TAIL_MIN values, or all the same.
    """
    positive = np.sort(values[values > 0])
    count = int(len(values) * tail_share)
    if count < HILL_TAIL_MIN or len(positive) <= count:
        raise NotComputable(f"the tail has fewer than {HILL_TAIL_MIN} values")
    excess = np.log(positive[-count:] / positive[-count - 1])
    if not np.any(excess):
        raise NotComputable("the tail is one value")
    return float(1 / np.mean(excess))


def decay_exponent(correlations: Real) -> float:
    """Return the exponent b of a decay lag**-b, by a line through the correlations in log-log.

    `correlations[0]` is at lag 1. They are averaged in bins of lags that grow by LOG_BIN_RATIO, up to the first bin
    where nothing positive is left: single lags are too noisy, and to choose the positive ones would flatten the line.
    Raises NotComputable where that leaves fewer than DECAY_BINS_MIN bins.
    """
    lags, means = log_binned(correlations)
    positive = len(means) if np.all(means > 0) else int(np.argmin(means > 0))
    if positive < DECAY_BINS_MIN:
        raise NotComputable("the autocorrelation is gone before it shows a decay")
    slope, _ = line(np.log(lags[:positive]), np.log(means[:positive]))
    return -slope


def log_binned(correlations: Real) -> tuple[Real, Real]:
    """Return the geometric middle of each bin of lags, and the mean correlation in it. Bins grow by LOG_BIN_RATIO."""
    last = len(correlations)
    edges = [1]
    while edges[-1] <= last:
        edges.append(max(edges[-1] + 1, int(edges[-1] * LOG_BIN_RATIO)))
    bins = [(low, high) for low, high in pairwise(edges) if high <= last + 1]
    middles = [np.sqrt(low * (high - 1)) for low, high in bins]
    return np.array(middles), np.array([np.mean(correlations[low - 1 : high - 1]) for low, high in bins])


def line(x: Real, y: Real) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line. Raises NotComputable where all x are one."""
    x_mean, y_mean = np.mean(x), np.mean(y)
    spread = float(np.sum((x - x_mean) ** 2))
    if spread == 0:
        raise NotComputable("a line needs two places")
    slope = float(np.sum((x - x_mean) * (y - y_mean))) / spread
    return slope, float(y_mean - slope * x_mean)
