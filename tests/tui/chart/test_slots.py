"""Time as columns: holes, cuts, panning."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.chart.slots import HOLE_MAX, Slot, Timeline

MINUTES = Timeline([0, 60, 120, 300, 360], 60)


def test_slots_have_holes_where_nobody_traded() -> None:
    shown = MINUTES.slots(None, 5)
    assert shown == [Slot(120, 2, 3), Slot(180, 3, 3), Slot(240, 3, 3), Slot(300, 3, 4), Slot(360, 4, 5)]
    assert [slot.is_empty for slot in shown] == [False, True, True, False, False]


def test_there_are_fewer_where_the_candles_begin() -> None:
    assert MINUTES.slots(None, 100)[0] == Slot(0, 0, 1)
    assert len(MINUTES.slots(None, 100)) == 7
    assert Timeline([], 60).slots(None, 5) == []


def test_a_place_in_the_past() -> None:
    assert MINUTES.slots(120, 2) == [Slot(60, 1, 2), Slot(120, 2, 3)]
    assert MINUTES.slots(200, 1) == [Slot(180, 3, 3)]
    assert MINUTES.slots(-1000, 3) == [Slot(0, 0, 1)]


def test_several_candles_in_a_column() -> None:
    assert Timeline(MINUTES.starts, 180).slots(None, 9) == [Slot(0, 0, 3), Slot(180, 3, 4), Slot(360, 4, 5)]


def test_weeks_begin_on_monday() -> None:
    day = 86_400
    assert Timeline([], 7 * day, 4 * day).floor(12 * day) == 11 * day


def test_a_long_hole_is_one_column() -> None:
    late = 60 * (HOLE_MAX + 10)
    shown = Timeline([0, late], 60).slots(None, 9)
    assert shown == [Slot(0, 0, 1), Slot(late - 60, 1, 1, cut=True), Slot(late, 1, 2)]


def test_time_goes_on_where_nobody_trades() -> None:
    later = Timeline([0, 60], 60, now_s=185)
    assert later.slots(None, 3) == [Slot(60, 1, 2), Slot(120, 2, 2), Slot(180, 2, 2)]
    assert later.moved(60, 1, 1) == 120
    assert later.moved(60, 2, 1) is None
    much_later = Timeline([0, 60], 60, now_s=6_000)
    assert much_later.slots(None, 3) == [Slot(0, 0, 1), Slot(60, 1, 2), Slot(6_000, 2, 2, cut=True)]
    assert much_later.moved(60, 1, 1) is None


@pytest.mark.parametrize(
    ("end_s", "step", "moved_s"),
    [
        (None, -1, 300),
        (None, -4, 120),
        (None, -99, 60),
        (300, -1, 240),
        (60, -1, 60),
        (120, 1, 180),
        (120, 4, None),
        (None, 3, None),
    ],
)
def test_panning_stops_at_both_ends(end_s: int | None, step: int, moved_s: int | None) -> None:
    assert MINUTES.moved(end_s, step, 2) == moved_s


def test_panning_goes_over_a_cut() -> None:
    late = 60 * (HOLE_MAX + 10)
    holed = Timeline([0, 60, late, late + 60], 60)
    assert holed.moved(None, -2, 1) == late - 60
    assert holed.moved(late - 60, -1, 1) == 60
    assert holed.moved(60, 1, 1) == late


starts = st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True).map(
    lambda at: [60 * n for n in sorted(at)]
)


@given(starts, st.sampled_from([60, 300]), st.integers(1, 80), st.none() | st.integers(0, 30_000))
def test_slots_are_in_order_and_hold_every_candle_once(
    at: list[int], length_s: int, count: int, end_s: int | None
) -> None:
    shown = Timeline(at, length_s).slots(end_s, count)
    assert len(shown) <= count
    assert all(a.start_s < b.start_s and a.past == b.first for a, b in itertools.pairwise(shown))
    for slot in shown:
        assert all(slot.start_s <= start < slot.start_s + length_s for start in at[slot.first : slot.past])
    if end_s is None:
        assert shown[-1].past == len(at)
