"""What an order would come to, and what is worth a warning."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cryptex.client.models import Level
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket.caution import Confirm, cautions, must_confirm
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.estimate import Estimate, estimate
from cryptex.tui.ticket.form import Form, check
from tests.tui.fake_exchange import MARKETS, MOMENT

TERMS = Terms.of(MARKETS[0])
BOOK = Depth(
    bids=(Level(Decimal(99), Decimal(1)), Level(Decimal(98), Decimal(1))),
    asks=(Level(Decimal(101), Decimal(1)), Level(Decimal(102), Decimal(1))),
)
RICH = Decimal(1_000_000)


def draft(**fields: object) -> Draft:
    made = check(Form(**{"price": "100", "size": "1", **fields}), TERMS, MOMENT)  # type: ignore[arg-type]
    assert isinstance(made, Draft)
    return made


def found(order: Draft, depth: Depth | None = BOOK, available: Decimal | None = RICH) -> Estimate:
    seen = estimate(order, TERMS, depth, available)
    assert seen is not None
    return seen


def warned(order: Draft, depth: Depth | None = BOOK, last: str = "100", available: Decimal = RICH) -> list[str]:
    seen = estimate(order, TERMS, depth, available)
    return [caution.text for caution in cautions(order, seen, TERMS, depth, Decimal(last))]


def test_a_limit_that_rests_pays_as_a_maker_and_holds_its_notional() -> None:
    seen = found(draft())
    assert (seen.notional, seen.fee, seen.fee_asset, seen.average) == (100, Decimal("0.001"), "BTC", None)
    assert (seen.needs, seen.spent, seen.left) == (100, "USDT", RICH - 100)


def test_a_limit_that_crosses_takes_at_the_book_and_rests_with_what_is_left() -> None:
    seen = found(draft(price="101", size="3"))
    assert (seen.taken, seen.average, seen.slippage_bp, seen.rests) == (1, 101, 0, 2)
    assert (seen.notional, seen.needs, seen.short) == (303, 303, 0)
    deeper = found(draft(price="102", size="2"))
    assert deeper.average == Decimal("101.5")
    assert round(deeper.slippage_bp or 0, 2) == Decimal("49.50")
    assert (deeper.notional, deeper.needs, deeper.left) == (203, 204, RICH - 204)


def test_a_sell_needs_its_size_and_its_slippage_is_downwards() -> None:
    order = draft(type=OrderType.MARKET, side=Side.SELL, size="1.5", time_in_force=TimeInForce.IOC)
    seen = found(order, available=Decimal(2))
    assert (seen.notional, seen.fee_asset, seen.short, seen.needs, seen.left) == (148, "USDT", 0, Decimal("1.5"), 0.5)
    assert seen.slippage_bp is not None
    assert seen.slippage_bp > 0


def test_a_market_order_by_quote_buys_whole_lots() -> None:
    order = draft(type=OrderType.MARKET, size="200", by_quote=True, time_in_force=TimeInForce.IOC)
    seen = found(order)
    assert seen.taken == 1 + Decimal("0.97058")
    assert (seen.needs, seen.left, seen.short) == (200, RICH - 200, 0)
    more = found(draft(type=OrderType.MARKET, size="300", by_quote=True, time_in_force=TimeInForce.IOC))
    assert more.short == Decimal("97.00")


def test_a_stop_is_reckoned_at_its_own_price() -> None:
    seen = found(draft(type=OrderType.STOP, stop_price="110"))
    assert (seen.notional, seen.taken, seen.fee) == (110, 0, Decimal("0.001"))


def test_a_market_order_that_meets_no_book_has_no_estimate() -> None:
    order = draft(type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    assert estimate(order, TERMS, Depth(), RICH) is None
    assert estimate(order, TERMS, None, RICH) is None
    assert warned(order, Depth()) == ["nothing to trade against: it would be canceled"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, []),
        ({"price": "101", "post_only": True}, ["post-only would take at 101.00"]),
        ({"price": "107"}, ["5.9 % above the best ask"]),
        ({"price": "90"}, ["9.1 % below the best bid"]),
        ({"side": Side.SELL, "price": "90"}, ["9.1 % below the best bid"]),
        ({"side": Side.SELL, "price": "110"}, ["8.9 % above the best ask"]),
        ({"time_in_force": TimeInForce.IOC}, ["nothing fills now: the rest is canceled"]),
        ({"price": "101", "size": "2", "time_in_force": TimeInForce.FOK}, ["only 1 BTC fills now: all or nothing"]),
        ({"type": OrderType.MARKET, "size": "3"}, ["the shown book is 1 BTC short"]),
        ({"type": OrderType.STOP, "stop_price": "100"}, ["reached already: the last price is 100.00"]),
        ({"type": OrderType.STOP, "side": Side.SELL, "stop_price": "99"}, []),
        ({"type": OrderType.STOP_LIMIT, "stop_price": "105"}, ["the limit is below the stop: it may not fill"]),
        ({"type": OrderType.STOP_LIMIT, "stop_price": "105", "price": "115"}, ["limit 9.5 % above the stop"]),
    ],
)
def test_warnings(fields: dict[str, object], told: list[str]) -> None:
    assert warned(draft(**fields)) == told


def test_missing_funds_are_told_with_both_numbers() -> None:
    assert warned(draft(size="2"), available=Decimal("150.5")) == ["needs 200.00 USDT, has 150.50"]


def test_a_bad_average_is_risky() -> None:
    thin = Depth(asks=(Level(Decimal(100), Decimal("0.1")), Level(Decimal(110), Decimal(5))))
    assert warned(draft(price="110", size="2"), thin)[-1] == "average 9.5 % worse than the best"


def test_what_is_asked_about() -> None:
    plain, market = draft(), draft(type=OrderType.MARKET, time_in_force=TimeInForce.IOC)
    far = cautions(draft(price="120"), found(draft(price="120")), TERMS, BOOK, Decimal(100))
    assert not must_confirm(Confirm.RISKY, plain, [])
    assert must_confirm(Confirm.RISKY, plain, far)
    assert must_confirm(Confirm.RISKY, market, [])
    assert must_confirm(Confirm.ALWAYS, plain, [])
    assert not must_confirm(Confirm.NEVER, market, far)


def test_the_longest_numbers_that_can_be_typed_are_estimated() -> None:
    most = "9" * 18
    seen = found(draft(price=most, size=f"{most}.99999"), available=Decimal(most))
    assert f"{seen.notional:f}" == "999999999999999996999990000000000205.000010"
    assert warned(draft(price=most, size=f"{most}.99999"))
    cheap = replace(TERMS, tick=Decimal("0.00000001"), lot=Decimal("0.00000001"))
    spent = check(Form(type=OrderType.STOP, stop_price="0.00000001", size=most, by_quote=True), cheap, MOMENT)
    assert isinstance(spent, Draft)
    assert estimate(spent, cheap, BOOK, RICH) is not None
