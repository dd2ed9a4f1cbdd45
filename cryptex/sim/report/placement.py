"""Where limit orders are put (Zovko and Farmer 2002; Bouchaud, Mezard and Potters 2002)."""

from typing import Final

import numpy as np

from cryptex.sim.report import decode
from cryptex.sim.report.statistics import Real, hill_exponent
from cryptex.sim.report.tape import Orders

TAIL_SHARE: Final = 0.1


def distances(orders: Orders) -> Real:
    """Return how far behind the best price of its side each order was put, in 1e-8; those at or before it are not."""
    best = np.where(orders.sign > 0, orders.best_bid, orders.best_ask)
    behind = (orders.sign * (best - orders.price))[best != decode.ABSENT]
    return np.asarray(behind[behind > 0], dtype=np.float64)


def tail_exponent(orders: Orders) -> float:
    """Return Hill's exponent of the farthest tenth of the distances. Raises NotComputable."""
    return hill_exponent(distances(orders), TAIL_SHARE)
