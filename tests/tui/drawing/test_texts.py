"""How numbers and words are written."""

from decimal import Decimal

import pytest

from cryptex.tui.drawing import texts


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("61234.5", 2, "61,234.50"), ("0.000015", 5, "0.00002"), ("1", 0, "1"), ("-3.456", 2, "-3.46")],
)
def test_numbers(value: str, places: int, text: str) -> None:
    assert texts.number(Decimal(value), places) == text


def test_price_times_size_has_more_digits_than_decimals_are_rounded_to() -> None:
    price, size = Decimal("9" * 18), Decimal("9" * 18)
    assert texts.number(price * size, 2).startswith("999,999,999,999,999,998,000,000")
    assert texts.floored(price * size, 2).endswith(".00")
    assert texts.signed(price * size, 2).startswith("+999")


def test_what_one_has_is_never_rounded_up() -> None:
    assert texts.floored(Decimal("0.999999"), 2) == "0.99"
    assert texts.short_amount(Decimal("90781.33199999")) == "90,781.331"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1284.5512", "1,284.55"), ("0.5", "0.5000"), ("0", "0"), ("12345", "12.3 k"), ("2500000", "2.50 M")],
)
def test_short_volumes(value: str, text: str) -> None:
    assert texts.short(Decimal(value)) == text


def test_nothing_is_a_dash() -> None:
    assert texts.number(None, 2) == texts.signed_percent(None) == texts.short(None) == "—"


def test_change_has_sign_and_arrow() -> None:
    assert texts.signed_percent(Decimal("1.234")) == "+1.23%"
    assert [texts.arrow(n) for n in (1, -1, 0, None)] == ["▲", "▼", "•", "•"]


def test_zeros_are_split() -> None:
    assert texts.split_zeros("1.500") == ("1.5", "00")
    assert texts.split_zeros("2.000") == ("2", ".000")
    assert texts.split_zeros("200") == ("200", "")


def test_ages() -> None:
    assert [texts.age(s) for s in (-1, 12.9, 61, 7300)] == ["0 s", "12 s", "1 min", "2 h"]


def test_steps_have_places() -> None:
    assert [texts.places_of(Decimal(s)) for s in ("0.01", "0.00001", "1", "10", "0.50")] == [2, 5, 0, 0, 1]


def test_outside_text_is_plain_and_bounded() -> None:
    assert texts.plain("a\x1b]0;x\x07b") == "a·]0;x·b"
    assert len(texts.plain("x" * 10_000)) == 400
    assert texts.fitted("abcdef", 4) == "abc…"
