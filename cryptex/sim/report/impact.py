"""How takers move the mid: with their sign, and less than their size (Lillo, Farmer and Mantegna 2003)."""

from typing import Final

import numpy as np

from cryptex.sim.report import decode
from cryptex.sim.report.signs import Takers
from cryptex.sim.report.statistics import NotComputable, Real, line
from cryptex.sim.report.tape import Quotes

TAKERS_MIN: Final = 200
SIZE_QUANTILES: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Edges of the bins of size: tenths, and finer where the few large takers are."""

BIN_TAKERS_MIN: Final = 30
BINS_MIN: Final = 4


def log_mids_before(quotes: Quotes, takers: Takers) -> Real:
    """Return the logarithm of the mid just before each taker, NaN where the book had no two sides.

    A quote with the taker's own time is what the taker left behind.
    """
    two_sided = (quotes.bid != decode.ABSENT) & (quotes.ask != decode.ABSENT)
    mids = np.full(len(quotes.bid) + 1, np.nan)
    mids[1:][two_sided] = np.log((quotes.bid[two_sided] / 2 + quotes.ask[two_sided] / 2) / 1e8)
    return np.asarray(mids[np.searchsorted(quotes.time_ns, takers.time_ns, side="left")])


def responses(quotes: Quotes, takers: Takers) -> tuple[Real, Real]:
    """Return the response to each taker and its size in units of the base asset.

    The response is the change of the log mid until just before the next taker, times the taker's sign. The last taker
    has none, nor has one with an empty side before or after it. Raises NotComputable where fewer than TAKERS_MIN have.
    """
    moves = np.diff(log_mids_before(quotes, takers)) * takers.sign[:-1]
    known = np.isfinite(moves)
    if np.count_nonzero(known) < TAKERS_MIN:
        raise NotComputable(f"fewer than {TAKERS_MIN} takers met quotes on both sides")
    return moves[known], takers.size[:-1][known] / 1e8


def response_t(moves: Real) -> float:
    """Return the mean response in standard errors, which allow for memory (Newey and West 1987).

    Raises NotComputable where nothing varies.
    """
    centred = moves - np.mean(moves)
    lags = int(4 * (len(moves) / 100) ** (2 / 9))
    variance = float(np.mean(centred**2))
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float(np.sum(centred[lag:] * centred[:-lag])) / len(moves)
    if variance <= 0:
        raise NotComputable("nothing varies")
    return float(np.mean(moves)) / float(np.sqrt(variance / len(moves)))


def size_exponent(moves: Real, sizes: Real) -> float:
    """Return the exponent d of mean response = c x size**d, by a line in log-log through bins of size, all alike.

    Raises NotComputable where fewer than BINS_MIN bins have a positive mean response.
    """
    points = binned_responses(moves, sizes)
    if len(points) < BINS_MIN:
        raise NotComputable(f"fewer than {BINS_MIN} bins of size have a positive mean response")
    size, mean = np.array(points).T
    slope, _ = line(np.log(size), np.log(mean))
    return slope


def binned_responses(moves: Real, sizes: Real) -> list[tuple[float, float]]:
    """Return (mean size, mean response) of those bins of size whose mean response is positive.

    Bins are cut at quantiles: the few fragments of orders that found less than they wanted always empty the best price,
    and in bins of their own they would make small takers look strong. Where many take one size, bins fall together.
    """
    edges = np.unique(np.quantile(sizes, SIZE_QUANTILES))
    bins = np.searchsorted(edges[1:-1], sizes, side="right")
    points = []
    for index in range(len(edges) - 1):
        chosen = bins == index
        if np.count_nonzero(chosen) >= BIN_TAKERS_MIN and (mean := float(np.mean(moves[chosen]))) > 0:
            points.append((float(np.mean(sizes[chosen])), mean))
    return points
