"""What is drawn of a run. Each function raises NotComputable where the run has too little of it."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from cryptex.sim.report import impact, returns, signs
from cryptex.sim.report.chart import Chart, Mark, Series
from cryptex.sim.report.evidence import Evidence
from cryptex.sim.report.model import BAR_S
from cryptex.sim.report.statistics import NotComputable, Real, autocorrelation, log_binned

LAGS: Final = 50
_HOUR_S: Final = 3600
_TAIL_START: Final = 0.1


def price(run: Evidence) -> list[Chart]:
    """Price at the end of each bar, above the volume in it, over the hours of the run."""
    bars = run.bars
    missing = run.end_ns // (BAR_S * 10**9) - len(bars.log_price)
    hours = _numbers((missing + 1 + np.arange(len(bars.log_price))) * BAR_S / _HOUR_S)
    prices = Series("price", hours, _numbers(np.exp(bars.log_price)))
    volumes = Series("volume", hours, _numbers(bars.volume), Mark.BARS)
    return [
        Chart("Price", "hours from the start", f"last price in {BAR_S} s", [prices]),
        Chart("Volume", "hours from the start", f"size traded in {BAR_S} s", [volumes]),
    ]


def memory(run: Evidence) -> list[Chart]:
    """Autocorrelation of returns and of absolute returns: the first is gone at once, the second stays."""
    lags = _numbers(np.arange(1.0, LAGS + 1))
    band = _numbers(returns.robust_band(run.returns, LAGS))
    series = [
        Series("absolute returns", lags, _numbers(autocorrelation(np.abs(run.returns), LAGS))),
        Series("returns", lags, _numbers(autocorrelation(run.returns, LAGS)), Mark.POINTS),
        Series("band of no memory", lags, band),
    ]
    return [Chart("Memory of returns", f"lag in bars of {BAR_S} s", "autocorrelation", series)]


def tail(run: Evidence) -> list[Chart]:
    """How many returns are larger than so many standard deviations, beside a Gaussian."""
    deviation = float(np.std(run.returns))
    if deviation == 0:
        raise NotComputable("nothing varies")
    sizes = np.sort(np.abs(run.returns - np.mean(run.returns)) / deviation)
    shares = 1 - np.arange(len(sizes)) / len(sizes)
    shown = sizes > _TAIL_START
    places = np.linspace(_TAIL_START, 4, 60)
    gaussian = [math.erfc(place / math.sqrt(2)) for place in places]
    series = [
        Series("returns", _numbers(sizes[shown]), _numbers(shares[shown]), Mark.LINE),
        Series("Gaussian", _numbers(places), gaussian, Mark.LINE),
    ]
    return [Chart("Tails of returns", "standard deviations", "share of returns beyond", series, log=True)]


def sign_memory(run: Evidence) -> list[Chart]:
    """Autocorrelation of the signs of takers: a straight line where their memory is long."""
    lags, means = log_binned(signs.sign_correlation(run.takers.sign))
    series = Series("signs", _numbers(lags), _numbers(means), Mark.POINTS)
    return [Chart("Memory of trade signs", "lag in takers", "autocorrelation", [series], log=True)]


def response(run: Evidence) -> list[Chart]:
    """Mean response of the mid to takers by their size: flatter than in proportion."""
    points = impact.binned_responses(*run.responses)
    series = Series("response", [size for size, _ in points], [1e4 * mean for _, mean in points], Mark.POINTS)
    return [Chart("Impact", "size of the taker", "mean response of the mid in basis points", [series], log=True)]


FIGURES: Final[dict[str, Callable[[Evidence], list[Chart]]]] = {
    "price": price,
    "memory": memory,
    "tail": tail,
    "signs": sign_memory,
    "impact": response,
}
"""The figures of a report, by the name of their file."""


def _numbers(values: Real) -> list[float]:
    return [float(value) for value in values]
