"""Lengths of time as text."""

import pytest

from cryptex.protocol.durations import duration_ns, duration_seconds
from cryptex.protocol.problems import Code, Refusal

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0s", 0),
        ("250ms", SECOND // 4),
        ("90s", 90 * SECOND),
        ("1.5h", 5_400 * SECOND),
        ("366d", 366 * 86_400 * SECOND),
        ("0.1s", SECOND // 10),
        ("0.000000001s", 1),
        ("0.0000001ms", 0),
        ("999999999.999999999s", 999_999_999_999_999_999),
    ],
)
def test_lengths_are_exact(text: str, ns: int) -> None:
    assert duration_ns(text) == ns


@pytest.mark.parametrize("text", ["", "8", "h", "-1s", "1.s", ".5s", "1 s", "1S", "1e3s", "٣s", "1234567890s", "1m30s"])
def test_others_are_refused_with_their_field(text: str) -> None:
    with pytest.raises(Refusal, match="stop must be a number and ms, s, m, h or d, such as 8h") as caught:
        duration_ns(text, "stop")
    assert (caught.value.code, caught.value.details["field"]) == (Code.INVALID_REQUEST, "stop")


@pytest.mark.parametrize(("text", "seconds"), [("1s", 1), ("5m", 300), ("24h", 86_400)])
def test_whole_seconds(text: str, seconds: int) -> None:
    assert duration_seconds(text, "halt_window", 86_400) == seconds


@pytest.mark.parametrize("text", ["1.5h", "500ms", "1d", "0s", "25h", "5"])
def test_what_is_not_whole_seconds_within_bounds_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="halt_window must be"):
        duration_seconds(text, "halt_window", 86_400)
