"""Impact of takers whose response is known."""

import numpy as np
import pytest

from cryptex.sim.report import impact
from cryptex.sim.report.signs import Takers
from cryptex.sim.report.statistics import NotComputable
from cryptex.sim.report.tape import Quotes
from tests.sim.report import series
from tests.sim.report.test_signs import whole

ONE = 100_000_000


def power_law(seed: int, exponent: float) -> tuple[series.Real, series.Real]:
    """Responses of size**exponent, with noise, and sizes."""
    sizes = 1 + np.random.default_rng(seed).pareto(1.6, 50_000)
    return sizes**exponent + series.gaussian(seed, 50_000), sizes


def test_the_mid_of_a_taker_is_the_one_before_it() -> None:
    quotes = Quotes(whole(0, 10, 20, 30), whole(99, 98, 0, 97) * ONE, whole(101, 102, 103, 101) * ONE)
    takers = Takers(whole(0, 10, 15, 25, 31), whole(1, 1, 1, 1, 1), whole(1, 1, 1, 1, 1))
    found = np.exp(impact.log_mids_before(quotes, takers))
    np.testing.assert_allclose(found, [np.nan, 100, 100, np.nan, 99], rtol=1e-12)


def test_responses_have_the_takers_sign() -> None:
    count = 400
    times = np.arange(count, dtype=np.int64) * 10
    mids = 1_000 - np.arange(count)
    quotes = Quotes(times + 1, (mids - 1) * ONE, (mids + 1) * ONE)
    moves, sizes = impact.responses(quotes, Takers(times + 5, np.full(count, -1), np.full(count, 3 * ONE)))
    assert len(moves) == count - 1
    assert np.all(moves > 0)
    assert set(sizes) == {3.0}


@pytest.mark.parametrize("exponent", [0.2, 0.5, 1.0])
def test_the_exponent_of_a_power_law(exponent: float) -> None:
    assert impact.size_exponent(*power_law(5, exponent)) == pytest.approx(exponent, abs=0.07)


def test_fragments_do_not_turn_the_exponent_round() -> None:
    """Takers that emptied the best price with the last bit of it: few, tiny and always strong."""
    moves, sizes = power_law(8, 0.5)
    moves[:500], sizes[:500] = 4.0, 0.1
    assert 0.3 < impact.size_exponent(moves, sizes) < 0.6


def test_who_moves_nothing_has_no_impact() -> None:
    assert abs(impact.response_t(series.gaussian(6, 10_000))) < 3


def test_the_mean_response_is_judged_with_its_memory() -> None:
    """Where responses follow each other, as many say less: the plain t would be twice as high."""
    moves = 0.1 + series.autoregressive(7, 10_000, 0.6)
    plain = float(np.mean(moves) / np.std(moves) * 100)
    assert impact.response_t(moves) == pytest.approx(plain / 2, rel=0.1)


def test_not_computable() -> None:
    with pytest.raises(NotComputable):
        impact.size_exponent(np.ones(1_000), np.ones(1_000))
    with pytest.raises(NotComputable):
        impact.response_t(np.ones(1_000))
    with pytest.raises(NotComputable):
        impact.responses(Quotes(whole(), whole(), whole()), Takers(whole(1, 2), whole(1, 1), whole(1, 1)))
