"""Labels of time: round, in UTC, apart from each other."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.terms import INTERVAL_SECONDS, Interval
from cryptex.tui.chart.slots import Slot
from cryptex.tui.chart.timeaxis import label_step_s, labels, moment


def slots(first: datetime, length_s: int, count: int) -> list[Slot]:
    start_s = int(first.timestamp())
    return [Slot(start_s + at * length_s, at, at + 1) for at in range(count)]


@pytest.mark.parametrize(
    ("interval", "pitch", "step_s"),
    [(Interval.M1, 2, 600), (Interval.M1, 1, 900), (Interval.H1, 2, 21_600), (Interval.D1, 1, 14 * 86_400)],
)
def test_steps_leave_room(interval: Interval, pitch: int, step_s: int) -> None:
    assert label_step_s(INTERVAL_SECONDS[interval], pitch) == step_s


def test_minutes_are_at_round_times() -> None:
    shown = labels(slots(datetime(2026, 11, 22, 15, 36, tzinfo=UTC), 60, 30), 60, 2)
    assert shown == [(4, "15:40"), (14, "15:50"), (24, "16:00")]


def test_a_day_and_a_year_begin_with_their_name() -> None:
    shown = labels(slots(datetime(2026, 11, 22, 23, tzinfo=UTC), 900, 9), 900, 4)
    assert shown == [(4, "23 Nov"), (8, "01:00")]
    shown = labels(slots(datetime(2026, 12, 30, tzinfo=UTC), 86_400, 5), 86_400, 12)
    assert shown == [(1, "31 Dec"), (2, "2027"), (3, "2 Jan"), (4, "3 Jan")]


def test_a_day_is_named_even_where_a_time_was_just_before() -> None:
    cut = [
        *slots(datetime(2026, 11, 22, 22, 58, tzinfo=UTC), 60, 3),
        *slots(datetime(2026, 11, 23, 4, tzinfo=UTC), 60, 2),
    ]
    assert labels(cut, 60, 1) == [(3, "23 Nov")]


@given(st.sampled_from(Interval), st.sampled_from([1, 2, 4, 6]), st.integers(0, 5_000))
def test_labels_never_touch(interval: Interval, pitch: int, first: int) -> None:
    length_s = INTERVAL_SECONDS[interval]
    made = [Slot((first + at) * length_s, at, at + 1) for at in range(120)]
    shown = labels(made, length_s, pitch)
    assert all((b - a) * pitch > len(text) for (a, text), (b, _) in itertools.pairwise(shown))


def test_a_moment_in_full() -> None:
    at_s = int(datetime(2026, 11, 22, 15, 40, tzinfo=UTC).timestamp())
    assert moment(at_s, 60) == "22 Nov 15:40"
    assert moment(at_s, 86_400) == "22 Nov 2026"
