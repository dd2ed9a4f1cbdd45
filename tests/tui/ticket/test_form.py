"""The pure side of the ticket: checks, estimates, steps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.model import Terms
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import Flaw, Form, amount, check, nudged, settled
from tests.tui.fake_exchange import MARKETS, MOMENT

TERMS = Terms.of(MARKETS[0])


def draft(**fields: object) -> Draft:
    made = check(Form(**{"price": "100", "size": "1", **fields}), TERMS, MOMENT)  # type: ignore[arg-type]
    assert isinstance(made, Draft)
    return made


GTD = Form(price="100", size="1", time_in_force=TimeInForce.GTD, expires="2026-11-22 15:00")


@pytest.mark.parametrize(
    ("form", "field", "text"),
    [
        (Form(), "price", "price is missing"),
        (Form(price="1.001", size="1"), "price", "price must be a multiple of 0.01"),
        (Form(price="0", size="1"), "price", "price must be above zero"),
        (Form(price="1.2.3", size="1"), "price", "price is not a number"),
        (Form(price="100", size="0.000001"), "size", "size must be a multiple of 0.00001"),
        (Form(price="100", size="0.01"), "size", "below the least order of 5 USDT"),
        (Form(type=OrderType.STOP, size="1"), "stop_price", "stop price is missing"),
        (Form(type=OrderType.MARKET, size="4", by_quote=True), "size", "below the least order of 5 USDT"),
        (Form(type=OrderType.STOP, stop_price="1", size="4"), "size", "below the least order of 5 USDT"),
        (GTD, "expires", "2026-11-22 15:00 has passed"),
    ],
)
def test_flaws_are_named(form: Form, field: str, text: str) -> None:
    assert check(form, TERMS, MOMENT) == Flaw(field, text)


def test_market_orders_have_no_price_even_if_one_was_typed() -> None:
    made = draft(type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert (made.price, made.stop_price) == (None, None)


def test_post_only_is_dropped_where_it_makes_no_sense() -> None:
    assert draft(post_only=True).post_only
    assert not draft(post_only=True, time_in_force=TimeInForce.IOC).post_only


def test_by_quote_is_for_buys_that_take_what_there_is() -> None:
    made = draft(type=OrderType.MARKET, size="500.5", by_quote=True, time_in_force=TimeInForce.IOC)
    assert (made.size, made.quote_size) == (None, Decimal("500.5"))
    assert made.summary(TERMS) == "buy 500.5 USDT worth at market"
    for fields in ({"side": Side.SELL}, {"time_in_force": TimeInForce.FOK}, {"type": OrderType.LIMIT}):
        form = Form(**{"type": OrderType.MARKET, "size": "500", "by_quote": True, **fields})  # type: ignore[arg-type]
        assert (settled(form).by_quote, settled(form).size) == (False, "")


def test_a_date_goes_with_gtd_alone() -> None:
    made = draft(time_in_force=TimeInForce.GTD, expires="90m")
    assert made.expires_at == MOMENT + timedelta(minutes=90)
    assert draft(expires="rubbish").expires_at is None


def test_every_mode_of_self_trade_prevention_is_sent() -> None:
    for mode in SelfTradePrevention:
        assert draft(self_trade_prevention=mode).self_trade_prevention is mode


def test_nudges_stay_on_steps_and_above_zero() -> None:
    assert nudged("100.005", Decimal("0.01"), 1) == "100.01"
    assert nudged("0.01", Decimal("0.01"), -5) == "0.01"
    assert nudged("", Decimal("0.01"), 1) == "0.01"


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_not(text: str) -> None:
    found = amount(text)
    assert found is None or (found.is_finite() and found >= 0)
