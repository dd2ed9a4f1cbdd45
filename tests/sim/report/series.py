"""Series of known properties, each from its own seed."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma as gamma_function
from scipy.special import gammaln

Real = NDArray[np.float64]


def gaussian(seed: int, count: int) -> Real:
    """Independent standard Gaussian values."""
    return np.random.default_rng(seed).standard_normal(count)


def student(seed: int, count: int, freedom: float = 3.0) -> Real:
    """Independent values of Student's t, whose tail exponent is its degrees of freedom."""
    return np.random.default_rng(seed).standard_t(freedom, count)


def autoregressive(seed: int, count: int, weight: float) -> Real:
    """AR(1) values."""
    values = gaussian(seed, count)
    for index in range(1, count):
        values[index] += weight * values[index - 1]
    return values


def stochastic_volatility(seed: int, count: int, half_life: float = 60.0, deviation: float = 0.6) -> Real:
    """Gaussian values times exp of an Ornstein-Uhlenbeck process: uncorrelated, clustered, heavy-tailed."""
    weight = 0.5 ** (1 / half_life)
    log_volatility = autoregressive(seed, count, weight) * deviation * np.sqrt(1 - weight**2)
    return np.exp(log_volatility) * gaussian(seed + 1, count)


def garch(seed: int, count: int) -> Real:
    """GARCH(1,1) values of variance 1."""
    shocks = gaussian(seed, count)
    values = np.empty(count)
    variance = 1.0
    for index in range(count):
        values[index] = np.sqrt(variance) * shocks[index]
        variance = 0.03 + 0.12 * values[index] ** 2 + 0.85 * variance
    return values


def fractional_signs(seed: int, count: int, memory: float) -> NDArray[np.int64]:
    """Signs of fractionally integrated noise of order `memory`: their Hurst exponent is 0.5 + memory."""
    lags = np.arange(count)
    weights = np.exp(gammaln(lags + memory) - gammaln(lags + 1)) / gamma_function(memory)
    size = 2 * count
    noise = gaussian(seed, count)
    values = np.fft.irfft(np.fft.rfft(weights, size) * np.fft.rfft(noise, size), size)[:count]
    return np.where(values >= 0, 1, -1).astype(np.int64)
