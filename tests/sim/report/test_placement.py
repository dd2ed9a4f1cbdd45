"""Distances behind the best price."""

import numpy as np
import pytest

from cryptex.sim.report import placement
from cryptex.sim.report.statistics import NotComputable
from cryptex.sim.report.tape import Orders
from tests.sim.report.test_signs import whole


def test_only_what_stands_behind_the_best_price_counts() -> None:
    orders = Orders(
        whole(1, 2, 3, 4, 5, 6),
        whole(1, 1, 1, -1, -1, 1),
        whole(95, 100, 101, 107, 99, 50),
        whole(100, 100, 100, 100, 100, 0),
        whole(102, 102, 102, 102, 102, 102),
    )
    assert placement.distances(orders).tolist() == [5.0, 5.0]


@pytest.mark.parametrize("exponent", [0.8, 1.5])
def test_the_tail_of_pareto_distances(exponent: float) -> None:
    far = np.ceil(100 + 100 * np.random.default_rng(1).pareto(exponent, 20_000)).astype(np.int64)
    count = len(far)
    orders = Orders(np.arange(count), np.full(count, -1), 10**9 + far, np.full(count, 10**9 - 1), np.full(count, 10**9))
    assert placement.tail_exponent(orders) == pytest.approx(exponent, rel=0.1)


def test_no_orders() -> None:
    with pytest.raises(NotComputable):
        placement.tail_exponent(Orders(*[whole()] * 5))
