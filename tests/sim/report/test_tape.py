"""Tapes that cannot be true."""

import pytest

from cryptex.sim.report import tape
from cryptex.sim.report.statistics import NotComputable
from tests.sim.report.test_signs import whole


def test_rows_out_of_time() -> None:
    assert tape.out_of_time(whole(1, 1, 2), whole()) == 0
    assert tape.out_of_time(whole(1, 3, 2, 4), whole(9, 8)) == 2


def test_prices_off_the_grid() -> None:
    assert tape.off_grid(5, whole(10, 15), whole(0)) == 0
    assert tape.off_grid(5, whole(10, 16), whole(4)) == 2


def test_locked_and_crossed_quotes() -> None:
    assert tape.crossed(tape.Quotes(whole(1, 2, 3), whole(9, 0, 9), whole(10, 5, 0))) == 0
    assert tape.crossed(tape.Quotes(whole(1, 2, 3), whole(10, 11, 9), whole(10, 10, 10))) == 2


def test_time_with_two_sides() -> None:
    """Nothing until 10, both until 40, one until 50, both to the end; what comes later does not count."""
    quotes = tape.Quotes(whole(10, 40, 50, 200), whole(9, 9, 9, 0), whole(10, 0, 10, 10))
    assert tape.two_sided_share(quotes, 100) == pytest.approx(0.8)
    assert tape.two_sided_share(tape.Quotes(whole(), whole(), whole()), 100) == 0
    with pytest.raises(NotComputable):
        tape.two_sided_share(quotes, 0)
