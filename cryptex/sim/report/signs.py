"""Trade by trade: the bounce between bid and ask, and the long memory of who takes."""

from typing import Final, NamedTuple

import numpy as np

from cryptex.sim.report.statistics import NotComputable, Real, autocorrelation, decay_exponent, line
from cryptex.sim.report.tape import Trades, Whole

TAKERS_MIN: Final = 1_000
"""Fewer takers than this show no long memory."""

DECAY_LAGS_MAX: Final = 1_000
BOX_MIN: Final = 16
BOXES: Final = 16
"""How many lengths of box, evenly spread in logarithm."""


class Takers(NamedTuple):
    """What each arriving order took: trades with the same time and sign are one."""

    time_ns: Whole
    sign: Whole
    size: Whole
    """In 1e-8 of the base asset."""


def takers(trades: Trades) -> Takers:
    """Return trades put together again to the orders that made them: a sweep of five levels is one decision."""
    if not len(trades.time_ns):
        return Takers(trades.time_ns, trades.sign, trades.size)
    new = (np.diff(trades.time_ns) != 0) | (np.diff(trades.sign) != 0)
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    return Takers(trades.time_ns[starts], trades.sign[starts], np.add.reduceat(trades.size, starts))


def bounce(prices: Whole) -> float:
    """Return the lag-1 autocorrelation of price changes from trade to trade. Raises NotComputable.

    Trades that fall on the bid and on the ask in turn make it negative: -0.5 in Roll's (1984) market.
    """
    return float(autocorrelation(np.diff(prices).astype(np.float64), 1)[0])


def sign_correlation(signs: Whole) -> Real:
    """Return the autocorrelation of takers' signs at lags 1 to at most 1,000. Raises NotComputable."""
    _require(signs)
    return autocorrelation(signs.astype(np.float64), min(DECAY_LAGS_MAX, len(signs) // 20))


def sign_decay(signs: Whole) -> float:
    """Return the exponent with which the autocorrelation of takers' signs fades. Raises NotComputable."""
    return decay_exponent(sign_correlation(signs))


def sign_hurst(signs: Whole) -> float:
    """Return the Hurst exponent of takers' signs: 0.5 without memory. Raises NotComputable.

    By detrended fluctuation analysis (Peng et al. 1994), boxes from 16 takers to a tenth of all.
    """
    _require(signs)
    if np.all(signs == signs[0]):
        raise NotComputable("nothing varies")
    walk = np.cumsum(signs - np.mean(signs))
    boxes = np.unique(np.geomspace(BOX_MIN, len(signs) // 10, BOXES).astype(np.int64))
    fluctuations = np.array([_fluctuation(walk, int(box)) for box in boxes])
    slope, _ = line(np.log(boxes), np.log(fluctuations))
    return slope


def _require(signs: Whole) -> None:
    if len(signs) < TAKERS_MIN:
        raise NotComputable(f"{len(signs)} takers are fewer than {TAKERS_MIN}")


def _fluctuation(walk: Real, box: int) -> float:
    """Return the root mean square distance of the walk from a line of its own in each box."""
    pieces = walk[: len(walk) // box * box].reshape(-1, box)
    pieces = pieces - np.mean(pieces, axis=1, keepdims=True)
    place = np.arange(box) - (box - 1) / 2
    slopes = np.sum(pieces * place, axis=1, keepdims=True) / np.sum(place**2)
    return float(np.sqrt(np.mean((pieces - slopes * place) ** 2)))
