"""What an order would do, against a book of two levels a side."""

from decimal import Decimal

import pytest

from cryptex.cli.estimate import Estimate, Outcome, Plan, decimal_of, estimate
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from tests.cli.canned import BOOK, MARKETS


def _estimate(
    size: str | None,
    *,
    side: Side = Side.BUY,
    price: str | None = None,
    quote: str | None = None,
    tif: TimeInForce | None = None,
    kind: OrderType | None = None,
    post_only: bool = False,
) -> Estimate:
    plan = Plan(
        side=side,
        type=kind or (OrderType.LIMIT if price else OrderType.MARKET),
        size=None if size is None else Decimal(size),
        quote_size=None if quote is None else Decimal(quote),
        price=None if price is None else Decimal(price),
        time_in_force=tif or (TimeInForce.GTC if price else TimeInForce.IOC),
        post_only=post_only,
    )
    return estimate(plan, MARKETS.markets[0], BOOK.asks if side is Side.BUY else BOOK.bids)


def test_a_market_buy_walks_the_asks() -> None:  # 0.3 at 60000.20, 0.7 at 60001.00
    guess = _estimate("1")
    assert (guess.outcome, guess.filled, guess.remaining) == (Outcome.FILLED, Decimal(1), Decimal(0))
    assert guess.notional == Decimal("60000.76")
    assert (guess.average_price, guess.worst_price) == (Decimal("60000.76"), Decimal("60001.00"))
    assert (guess.fee, guess.fee_asset) == (Decimal("0.001"), "BTC")


def test_a_sell_pays_its_fee_in_quote_rounded_up() -> None:
    guess = _estimate("0.00001", side=Side.SELL)
    assert (guess.notional, guess.fee, guess.fee_asset) == (Decimal("0.6"), Decimal("0.0006"), "USDT")


def test_a_spend_takes_whole_lots() -> None:
    guess = _estimate(None, quote="100")
    assert (guess.filled, guess.remaining) == (Decimal("0.00166"), None)


@pytest.mark.parametrize(
    ("size", "flags", "outcome"),
    [
        ("9", {}, Outcome.FILLED_PARTLY_REST_CANCELED),
        ("9", {"tif": TimeInForce.FOK}, Outcome.CANCELED),
        ("1", {"price": "60000.10"}, Outcome.RESTS),
        ("1", {"price": "60000.10", "tif": TimeInForce.IOC}, Outcome.CANCELED),
        ("1", {"price": "60000.20"}, Outcome.FILLED_PARTLY_REST_RESTS),
        ("1", {"price": "60000.20", "tif": TimeInForce.FOK}, Outcome.CANCELED),
        ("1", {"price": "60000.20", "post_only": True}, Outcome.WOULD_TAKE),
        ("1", {"price": "70000"}, Outcome.FILLED),
        ("1", {"kind": OrderType.STOP}, Outcome.WAITS),
    ],
)
def test_outcomes(size: str, flags: dict[str, str], outcome: Outcome) -> None:
    assert _estimate(size, **flags).outcome is outcome  # type: ignore[arg-type]  # a table of keywords


@pytest.mark.parametrize("text", ["", "0", "-1", "NaN", "Infinity", "lots"])
def test_what_is_no_amount(text: str) -> None:
    assert decimal_of(text) is None
