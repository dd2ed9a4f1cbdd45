"""The language of alerts, and when they fire."""

from decimal import Decimal

import msgspec
import pytest

from cryptex.client.alerts import (
    RULE_LENGTH_MAX,
    Alarm,
    Comparison,
    Condition,
    OnFill,
    RuleFlaw,
    Subject,
    parse_rule,
    reading,
)
from cryptex.client.models import Ticker
from tests.client.views import TIME

TICKER = msgspec.convert(
    {
        "market": "BTC-USDT",
        "last": "60000.10",
        "change": "-12.40",
        "change_percent": "-0.02",
        "high": "60100.00",
        "low": "59800.00",
        "volume": "12.5",
        "quote_volume": "750000",
        "best_bid": "60000.00",
        "best_ask": "60000.20",
        "time": TIME,
    },
    Ticker,
    strict=False,
)


@pytest.mark.parametrize(
    ("text", "subject", "comparison", "bound", "written"),
    [
        ("price>61000", Subject.PRICE, Comparison.ABOVE, "61000", "price > 61000"),
        (" Price >= 61000.50 ", Subject.PRICE, Comparison.AT_LEAST, "61000.50", "price >= 61000.50"),
        ("bid<1", Subject.BID, Comparison.BELOW, "1", "bid < 1"),
        ("ask<=0.00000001", Subject.ASK, Comparison.AT_MOST, "0.00000001", "ask <= 0.00000001"),
        ("spread > 0", Subject.SPREAD, Comparison.ABOVE, "0", "spread > 0"),
        ("change_percent<-5", Subject.CHANGE_PERCENT, Comparison.BELOW, "-5", "change_percent < -5"),
        ("volume>=1000", Subject.VOLUME, Comparison.AT_LEAST, "1000", "volume >= 1000"),
    ],
)
def test_a_rule_is_a_value_a_comparison_and_a_number(
    text: str, subject: Subject, comparison: Comparison, bound: str, written: str
) -> None:
    rule = parse_rule(text)
    assert rule == Condition(subject, comparison, Decimal(bound))
    assert str(rule) == written
    assert parse_rule(str(rule)) == rule


def test_fill_is_a_rule_by_itself() -> None:
    assert parse_rule(" FILL ") == OnFill()
    assert str(OnFill()) == "fill"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "it is empty"),
        ("price", "no >, >=, < or <="),
        ("price=5", "no >, >=, < or <="),
        ("fills", "no >, >=, < or <="),
        ("fill>5", "'fill' is not a value of a market"),
        ("prise>5", "'prise' is not a value of a market"),
        (">5", "names no value before the sign"),
        ("price>", "no number after the sign"),
        ("price>61,000", "'61,000' is not a number"),
        ("price>1e5", "'1e5' is not a number"),
        ("price>NaN", "'nan' is not a number"),
        ("price>>5", "'>5' is not a number"),
        ("price=>5", "'price=' is not a value"),
        ("price>\u0665", "is not a number"),
        ("price>" + "1" * RULE_LENGTH_MAX, f"longer than {RULE_LENGTH_MAX}"),
    ],
)
def test_a_flaw_is_named(text: str, flaw: str) -> None:
    with pytest.raises(RuleFlaw, match="^.*" + flaw.replace("(", r"\(")):
        parse_rule(text)


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        (Subject.PRICE, "60000.10"),
        (Subject.BID, "60000.00"),
        (Subject.ASK, "60000.20"),
        (Subject.SPREAD, "0.20"),
        (Subject.CHANGE_PERCENT, "-0.02"),
        (Subject.VOLUME, "12.5"),
    ],
)
def test_a_ticker_has_every_value(subject: Subject, value: str) -> None:
    assert reading(TICKER, subject) == Decimal(value)


def test_an_empty_side_has_no_spread() -> None:
    assert reading(msgspec.structs.replace(TICKER, best_ask=None), Subject.SPREAD) is None
    assert reading(msgspec.structs.replace(TICKER, best_bid=None), Subject.SPREAD) is None


@pytest.mark.parametrize(
    ("rule", "values", "fires"),
    [
        ("price>100", "99 100 101 102 101 100 101", "..!...!"),
        ("price>=100", "99 100 101 99 100", ".!..!"),
        ("price<100", "101 100 99 98 100 99", "..!..!"),
        ("price<=100", "101 100 99 101 100", ".!..!"),
        ("price>100", "101 102", "!."),
        ("price>100", "99 - 101 - 101 - 99 101", "..!....!"),
    ],
)
def test_it_fires_when_it_becomes_true_and_again_only_after_it_was_false(rule: str, values: str, fires: str) -> None:
    condition = parse_rule(rule)
    assert isinstance(condition, Condition)
    alarm = Alarm(condition)
    seen = [None if value == "-" else Decimal(value) for value in values.split()]
    assert "".join("!" if alarm.see(value) else "." for value in seen) == fires
