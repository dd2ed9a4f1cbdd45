"""The bounce of trades, and the memory of their signs."""

import numpy as np
import pytest

from cryptex.sim.report import signs
from cryptex.sim.report.statistics import NotComputable
from cryptex.sim.report.tape import Trades
from tests.sim.report import series


def whole(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def test_sweeps_are_one_taker() -> None:
    times, signs_, sizes = whole(1, 1, 1, 2, 2, 3), whole(1, 1, -1, -1, -1, -1), whole(5, 7, 1, 2, 3, 4)
    found = signs.takers(Trades(times, whole(*[9] * 6), sizes, signs_, whole(*range(6))))
    assert found.time_ns.tolist() == [1, 1, 2, 3]
    assert found.sign.tolist() == [1, -1, -1, -1]
    assert found.size.tolist() == [12, 1, 5, 4]


def test_no_trades_no_takers() -> None:
    assert len(signs.takers(Trades(*[whole()] * 5)).sign) == 0


def test_rolls_market_bounces_by_half() -> None:
    """Trades at the ends of a spread about a value that stands still."""
    sides = np.random.default_rng(1).choice(whole(-1, 1), 20_000)
    assert signs.bounce(1_000 + 5 * sides) == pytest.approx(-0.5, abs=0.02)


def test_a_walk_without_a_spread_does_not_bounce() -> None:
    prices = np.cumsum(np.rint(10 * series.gaussian(2, 20_000))).astype(np.int64)
    assert abs(signs.bounce(prices)) < 0.02


@pytest.mark.parametrize("memory", [0.2, 0.3])
def test_signs_with_a_long_memory(memory: float) -> None:
    found = series.fractional_signs(4, 40_000, memory)
    assert signs.sign_hurst(found) == pytest.approx(0.5 + memory, abs=0.07)
    assert signs.sign_decay(found) == pytest.approx(1 - 2 * memory, abs=0.2)


@pytest.mark.parametrize("seed", range(3))
def test_coins_have_no_memory(seed: int) -> None:
    coins = np.random.default_rng(seed).choice(whole(-1, 1), 20_000)
    assert signs.sign_hurst(coins) < 0.55
    with pytest.raises(NotComputable):
        signs.sign_decay(coins)


def test_few_signs_and_one_sign_have_no_exponent() -> None:
    for values in (whole(*[1, -1] * 100), whole(*[1] * 2_000)):
        with pytest.raises(NotComputable):
            signs.sign_hurst(values)
        with pytest.raises(NotComputable):
            signs.sign_correlation(values)
