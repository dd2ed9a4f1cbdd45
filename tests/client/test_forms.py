"""Python values become the fields of requests, exactly."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cryptex.client.errors import InvalidRequestError
from cryptex.client.forms import (
    Amount,
    amend_fields,
    amount_field,
    api_key_fields,
    deposit_fields,
    order_ref,
    place_fields,
    time_field,
    withdrawal_fields,
)
from cryptex.protocol.terms import OrderType, Scope, Side


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Decimal("1E-8"), "0.00000001"), (Decimal("1E+3"), "1000"), (5, "5"), (" 0.10 ", "0.10"), ("1e5", "1e5")],
)
def test_amounts_are_written_without_an_exponent(amount: Amount, text: str) -> None:
    assert amount_field(amount, "size") == text


@pytest.mark.parametrize("amount", [0.1, True, Decimal("NaN"), Decimal("Infinity"), None])
def test_what_is_no_exact_number_is_refused(amount: Amount) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        amount_field(amount, "size")
    assert caught.value.details == {"field": "size"}


def test_a_float_is_told_what_to_be() -> None:
    with pytest.raises(InvalidRequestError, match="give it as text or Decimal"):
        amount_field(0.1, "size")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("price", "stop_price", "expected"),
    [
        (None, None, OrderType.MARKET),
        ("1", None, OrderType.LIMIT),
        (None, "1", OrderType.STOP),
        ("1", "1", OrderType.STOP_LIMIT),
    ],
)
def test_the_type_follows_from_the_prices(price: str | None, stop_price: str | None, expected: OrderType) -> None:
    assert place_fields("BTC-USDT", "buy", 1, price=price, stop_price=stop_price)["type"] == expected


def test_all_fields_of_an_order() -> None:
    assert place_fields(
        "BTC-USDT",
        Side.SELL,
        Decimal("0.5"),
        price="45000",
        type="limit",
        time_in_force="gtd",
        expires_at=datetime(2026, 11, 22, tzinfo=UTC),
        post_only=True,
        self_trade_prevention="decrement",
        client_order_id="mine",
    ) == {
        "market": "BTC-USDT",
        "side": "sell",
        "type": "limit",
        "size": "0.5",
        "price": "45000",
        "time_in_force": "gtd",
        "expires_at": "2026-11-22T00:00:00.000000Z",
        "post_only": True,
        "self_trade_prevention": "decrement",
        "client_order_id": "mine",
    }


def test_every_order_and_deposit_has_a_key_of_its_own() -> None:
    keys = {place_fields("BTC-USDT", "buy", 1)["client_order_id"] for _ in range(3)}
    keys |= {deposit_fields("USDT", 1, None)["reference"] for _ in range(3)}
    assert len(keys) == 6
    assert deposit_fields("USDT", 1, "mine")["reference"] == "mine"


def test_other_forms() -> None:
    assert amend_fields(price=None, size=2, stop_price=None) == {"size": "2"}
    assert order_ref(3, None) == {"id": 3}
    assert order_ref(None, "key") == {"client_order_id": "key"}
    for both in ((3, "key"), (None, None)):
        with pytest.raises(InvalidRequestError):
            order_ref(*both)
    assert time_field("2026-11-22T00:00:00Z", "before") == "2026-11-22T00:00:00Z"
    with pytest.raises(InvalidRequestError, match="zone"):
        time_field(datetime(2026, 11, 22), "expires_at")  # noqa: DTZ001 (that is the point)


def test_a_withdrawal_always_has_a_reference() -> None:
    fields = withdrawal_fields("BTC", Decimal("0.10"), "bc1q", None)
    assert (fields["amount"], fields["address"], len(str(fields["reference"]))) == ("0.10", "bc1q", 32)
    assert withdrawal_fields("BTC", 1, "bc1q", "mine")["reference"] == "mine"


def test_the_fields_of_a_key() -> None:
    fields = api_key_fields("bot", (Scope.READ, "trade"), datetime(2026, 11, 22, tzinfo=UTC))
    assert fields == {"label": "bot", "scopes": ["read", "trade"], "expires_at": "2026-11-22T00:00:00.000000Z"}
    with pytest.raises(InvalidRequestError) as caught:
        api_key_fields("bot", "read", None)
    assert caught.value.details == {"field": "scopes"}
