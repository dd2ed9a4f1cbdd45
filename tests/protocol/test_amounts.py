"""Decimal text and whole numbers: what is taken, what is refused, and that nothing is lost on the way."""

import json
from contextlib import suppress
from decimal import Decimal
from time import perf_counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.amounts import AMOUNT_LENGTH_MAX, NO_AMOUNT, SCALE, amount_text, decimal_text, raw_amount, scaled
from cryptex.protocol.problems import Code, Refusal

REFUSED = [
    "",
    " ",
    "1 ",
    " 1",
    "1\n",
    "+1",
    "-1",
    "-0",
    "1e3",
    "1E3",
    "1e999999",
    "0x10",
    "NaN",
    "nan",
    "sNaN",
    "Infinity",
    "-Infinity",
    "inf",
    ".5",
    "5.",
    ".",
    "1.2.3",
    "1,5",
    "1_000",
    "1'000",
    "\u0661\u0662",  # Arabic-Indic digits
    "\uff11\uff12",  # full-width digits
    "\u0967.\u096b",  # Devanagari digits
    "1²",
    "½",
    "1\u00a0",
    "1\x00",
    "1." + "0" * 9,
    "0.123456789",
    "1" + "0" * 18,
    "0" * 19,
    "0" * 28,
    "9" * 200_000,
    "1." + "9" * 200_000,
    "null",
    "true",
    "[]",
    "{}",
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:24]))
def test_what_is_no_amount_is_refused_and_named(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        scaled(text, "price")
    assert refused.value.code is Code.INVALID_REQUEST
    assert refused.value.details["field"] == "price"
    assert len(refused.value.message) < 300, "a refusal does not echo what it was sent"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("0.00000000", 0),
        ("1", SCALE),
        ("007", 7 * SCALE),
        ("0.5", SCALE // 2),
        ("1.10", SCALE + SCALE // 10),
        ("0.00000001", 1),
        ("9" * 18 + "." + "9" * 8, 10**26 - 1),
    ],
)
def test_amounts_are_read_exactly(text: str, expected: int) -> None:
    assert scaled(text, "size") == expected


@given(st.integers(0, 10**18 - 1), st.integers(0, 8), st.data())
def test_text_and_scaled_agree_with_decimal(whole: int, decimals: int, data: st.DataObject) -> None:
    fraction = data.draw(st.text("0123456789", min_size=decimals, max_size=decimals))
    text = f"{whole}.{fraction}" if fraction else str(whole)
    assert Decimal(scaled(text, "x")) == Decimal(text).scaleb(8)


@given(st.integers(0, 10**26 - 1))
def test_round_trip(amount: int) -> None:
    assert scaled(decimal_text(amount, 8), "x") == amount


@given(st.integers(-(10**26), 10**26), st.integers(0, 8))
def test_decimal_text_has_exactly_its_decimals(units: int, decimals: int) -> None:
    text = decimal_text(units, decimals)
    assert Decimal(text).scaleb(decimals) == units
    assert len(text.partition(".")[2]) == decimals
    assert "E" not in text


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_a_refusal(text: str) -> None:
    with suppress(Refusal):
        amount = scaled(text, "x")
        assert text.isascii()
        assert Decimal(amount) == Decimal(text).scaleb(8)


@given(st.binary(max_size=40))
def test_any_bytes_are_text_or_a_refusal(raw: bytes) -> None:
    with suppress(Refusal):
        assert 0 < len(raw_amount(raw, "x")) <= AMOUNT_LENGTH_MAX


@pytest.mark.parametrize("raw", [b"1.50", b'"1.50"'])
def test_numbers_and_strings_are_read_as_they_were_written(raw: bytes) -> None:
    assert raw_amount(raw, "x") == "1.50"


@pytest.mark.parametrize("raw", [b"", b'""', b'"', b'"' + b"1" * 28 + b'"', "\u0661".encode(), b"9" * 200_000])
def test_raw_amounts_are_bounded(raw: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        scaled(raw_amount(raw, "size"), "size")
    assert refused.value.details["field"] == "size"


@pytest.mark.parametrize("json_text", ["1e3", "[1]", "{}", "true", '"\\u0031"', '"1\\n"', "-1", "1.0E-2"])
def test_other_json_is_no_amount(json_text: str) -> None:
    class Form(msgspec.Struct):
        size: msgspec.Raw

    raw = msgspec.json.decode(b'{"size":' + json_text.encode() + b"}", type=Form).size
    with pytest.raises(Refusal):
        scaled(str(amount_text(raw, "size")), "size")


def test_null_and_nothing_are_no_amount() -> None:
    assert amount_text(NO_AMOUNT, "size") is None
    assert amount_text(msgspec.Raw(b"null"), "size") is None


def test_large_floats_keep_their_digits() -> None:
    """As a float this number would become 123456789012345680."""
    text = "123456789012345678.12345678"
    raw = json.dumps({"x": 0}).replace("0", text).encode()[6:-1]
    assert scaled(raw_amount(raw, "x"), "x") == 12345678901234567812345678


def test_hostile_length_costs_nothing() -> None:
    started = perf_counter()
    for _ in range(100):
        with pytest.raises(Refusal):
            scaled("9" * 200_000, "x")
    assert perf_counter() - started < 1
