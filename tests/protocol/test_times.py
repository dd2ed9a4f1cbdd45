"""Times: nanoseconds inside, RFC 3339 with microseconds outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.times import time_ns, time_text

SECOND_NS = 10**9
YEAR_2100_NS = 4_102_444_800 * SECOND_NS


def test_the_form_of_the_contract() -> None:
    assert time_text(1_795_362_003 * SECOND_NS + 123_456_789) == "2026-11-22T15:40:03.123456Z"
    assert time_text(0) == "1970-01-01T00:00:00.000000Z"


@given(st.integers(0, YEAR_2100_NS))
def test_round_trip_to_the_microsecond(moment: int) -> None:
    assert time_ns(time_text(moment)) == moment // 1000 * 1000


@given(st.integers(0, YEAR_2100_NS), st.integers(0, YEAR_2100_NS))
def test_texts_sort_as_times_do(one: int, other: int) -> None:
    assert (time_text(one) <= time_text(other)) == (one // 1000 <= other // 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", SECOND_NS),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-11-22T15:40:03.5Z", 1_795_362_003 * SECOND_NS + 500_000_000),
        ("2026-11-22t15:40:03.123456789z", 1_795_362_003 * SECOND_NS + 123_456_000),
        ("2026-11-22T17:40:03+02:00", 1_795_362_003 * SECOND_NS),
    ],
)
def test_other_zones_are_understood(text: str, expected: int) -> None:
    assert time_ns(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22T15:40:03",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-22",
        "2026-11-22T15:40Z",
        "20261122T154003Z",
        "2026-W47-7T15:40:03Z",
        "2026-11-22T15:40:03,5Z",
        "2026-11-22T15:40:60Z",
        "٢٠٢٦-11-22T15:40:03Z",
        "2026-11-22T15:40:03Z" + " " * 100,
        "2026-11-22T15:40:03Z\x00",
        "2026-11-22T15:40:03+99:00",
    ],
)
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        time_ns(text)


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        moment = time_ns(text)
    except ValueError:
        return
    assert 0 <= moment < 1 << 62
