"""How takers move the mid: with their sign, and less than their size (Lillo, Farmer and Mantegna 2003)."""

from typing import Final

import numpy as np

from cryptex.sim.report import decode
from cryptex.sim.report.signs import Takers
from cryptex.sim.report.statistics import NotComputable, Real, line
from cryptex.sim.report.tape import Quotes

TAKERS_MIN: Final = 200
SIZE_BINS: Final = 10
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
    """Return the exponent d of mean response = c x size**d, by a line in log-log through bins of equal width.

    Each bin weighs by how well its mean is known. Raises NotComputable where fewer than BINS_MIN have a positive mean.
    """
    points = binned_responses(moves, sizes)
    if len(points) < BINS_MIN:
        raise NotComputable(f"fewer than {BINS_MIN} bins of size have a positive mean response")
    size, mean, error = np.array(points).T
    slope, _ = line(np.log(size), np.log(mean), (mean / error) ** 2)
    return slope


def binned_responses(moves: Real, sizes: Real) -> list[tuple[float, float, float]]:
    """Return (mean size, mean response, its standard error) of those bins of size whose mean response is positive.

    Bins are equally wide in logarithm: bins of equal count would fall together where many take a lot of one size.
    """
    edges = np.geomspace(np.min(sizes), np.max(sizes), SIZE_BINS + 1)
    bins = np.searchsorted(edges[1:-1], sizes, side="right")
    points = []
    for index in range(SIZE_BINS):
        chosen = moves[bins == index]
        if len(chosen) < BIN_TAKERS_MIN:
            continue
        error = float(np.std(chosen)) / float(np.sqrt(len(chosen)))
        if np.mean(chosen) > 0 and error > 0:
            points.append((float(np.mean(sizes[bins == index])), float(np.mean(chosen)), error))
    return points
