"""The pure side of the ticket: checks, estimates, steps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.client.models import Level
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.form import Draft, Flaw, Form, amount, check, estimate, nudged
from tests.tui.fake_exchange import MARKETS

TERMS = Terms.of(MARKETS[0])


def draft(**fields: object) -> Draft:
    made = check(Form(**{"price": "100", "size": "1", **fields}), TERMS)  # type: ignore[arg-type]
    assert isinstance(made, Draft)
    return made


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
    ],
)
def test_flaws_are_named(form: Form, field: str, text: str) -> None:
    assert check(form, TERMS) == Flaw(field, text)


def test_market_orders_have_no_price_even_if_one_was_typed() -> None:
    made = draft(type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert (made.price, made.stop_price) == (None, None)


def test_post_only_is_dropped_where_it_makes_no_sense() -> None:
    assert draft(post_only=True).post_only
    assert not draft(post_only=True, time_in_force=TimeInForce.IOC).post_only


def test_limit_estimate() -> None:
    found = estimate(draft(), TERMS, None)
    assert found is not None
    assert (found.notional, found.fee, found.fee_asset) == (Decimal(100), Decimal("0.001"), "BTC")


def test_market_estimate_walks_the_book() -> None:
    depth = Depth(bids=(Level(Decimal(99), Decimal(1)), Level(Decimal(98), Decimal(1))))
    order = draft(type=OrderType.MARKET, side=Side.SELL, size="1.5", time_in_force=TimeInForce.IOC)
    found = estimate(order, TERMS, depth)
    assert found is not None
    assert (found.notional, found.fee_asset, found.short) == (Decimal("148.0"), "USDT", 0)
    short = estimate(draft(type=OrderType.MARKET, side=Side.SELL, size="3"), TERMS, depth)
    assert short is not None
    assert short.short == 1
    assert estimate(draft(type=OrderType.MARKET, size="3"), TERMS, depth) is None


def test_nudges_stay_on_steps_and_above_zero() -> None:
    assert nudged("100.005", Decimal("0.01"), 1) == "100.01"
    assert nudged("0.01", Decimal("0.01"), -5) == "0.01"
    assert nudged("", Decimal("0.01"), 1) == "0.01"


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_not(text: str) -> None:
    found = amount(text)
    assert found is None or (found.is_finite() and found >= 0)
