"""Until when: what may be typed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.tui.ticket.expiry import expiry_at, until_text

NOW = datetime(2026, 11, 22, 15, 40, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("15m", "15:55:03 UTC"),
        ("2h", "17:40:03 UTC"),
        (" 1.5H ", "17:10:03 UTC"),
        ("1d", "2026-11-23 15:40:03 UTC"),
        ("18:30", "18:30:00 UTC"),
        ("9:05", "2026-11-23 09:05:00 UTC"),
        ("15:40:03", "2026-11-23 15:40:03 UTC"),
        ("2026-11-27 18:30", "2026-11-27 18:30:00 UTC"),
        ("2026-11-22t18:30:15z", "18:30:15 UTC"),
    ],
)
def test_lengths_and_times_are_understood(typed: str, text: str) -> None:
    found = expiry_at(typed, NOW)
    assert isinstance(found, datetime)
    assert until_text(found, NOW) == text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "missing"),
        ("soon", "write"),
        ("0m", "has passed"),
        ("2026-11-22 15:00", "has passed"),
        ("25:00", "there is no such time"),
        ("2026-02-30 10:00", "there is no such time"),
        ("999999999d", "there is no such time"),
        ("5000d", "more than 3650 days away"),
    ],
)
def test_what_is_wrong_is_said(typed: str, why: str) -> None:
    found = expiry_at(typed, NOW)
    assert isinstance(found, str)
    assert why in found


@given(st.text(alphabet="0123456789dhms:-T .Z", max_size=24))
def test_any_text_is_a_time_to_come_or_says_why_not(typed: str) -> None:
    found = expiry_at(typed, NOW)
    assert isinstance(found, str) or found > NOW
