"""What the SDK sends: Python values to the fields of a request, the same for REST and websocket."""

import os
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from cryptex.client.errors import invalid_request
from cryptex.client.text import moment_text
from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.terms import OrderType, Scope, SelfTradePrevention, Side, TimeInForce

Amount = Decimal | str | int
"""An amount to send. Text goes out as it is. Floats are refused: they are not the number that was typed."""

Fields = dict[str, str | int | bool | list[str]]
"""The fields of a request."""

CLIENT_ORDER_ID_BYTES = 16


def new_client_order_id() -> str:
    """Return 32 random hexadecimal digits."""
    return os.urandom(CLIENT_ORDER_ID_BYTES).hex()


def amount_field(amount: Amount, field: str) -> str:
    """Return an amount as text without an exponent. Raises InvalidRequestError for what is not a finite number."""
    if isinstance(amount, str):
        return amount.strip()
    if isinstance(amount, Decimal) and amount.is_finite():
        return format(amount, "f")
    if isinstance(amount, int) and not isinstance(amount, bool):
        return str(amount)
    if isinstance(amount, float):  # where nobody checks types
        raise invalid_request(
            f"{field} is a float, seldom the number that was typed: give it as text or Decimal", field
        )
    raise invalid_request(f"{field} must be a Decimal, text or int that is a finite number", field)


def time_field(moment: datetime | str, field: str) -> str:
    """Return a time as RFC 3339 text. Raises InvalidRequestError for a datetime without a zone."""
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise invalid_request(f"{field} needs a time zone", field)
    return moment_text(moment)


def place_fields(
    market: str,
    side: Side | str,
    size: Amount | None = None,
    *,
    price: Amount | None = None,
    type: OrderType | str | None = None,  # noqa: A002 (the contract's word)
    quote_size: Amount | None = None,
    stop_price: Amount | None = None,
    time_in_force: TimeInForce | str | None = None,
    expires_at: datetime | str | None = None,
    post_only: bool = False,
    self_trade_prevention: SelfTradePrevention | str | None = None,
    client_order_id: str | None = None,
) -> Fields:
    """Return the fields of an order.

    The type follows from the prices where none is given. There is always a client_order_id, so that an order whose
    answer was lost can be asked for, and sent again without a second one coming of it.
    """
    fields: Fields = {"market": market, "side": str(side), "type": str(type or _type_for(price, stop_price))}
    _put_amounts(fields, size=size, quote_size=quote_size, price=price, stop_price=stop_price)
    if time_in_force is not None:
        fields["time_in_force"] = str(time_in_force)
    if expires_at is not None:
        fields["expires_at"] = time_field(expires_at, "expires_at")
    if post_only:
        fields["post_only"] = True
    if self_trade_prevention is not None:
        fields["self_trade_prevention"] = str(self_trade_prevention)
    fields["client_order_id"] = new_client_order_id() if client_order_id is None else client_order_id
    return fields


def amend_fields(*, price: Amount | None, size: Amount | None, stop_price: Amount | None) -> Fields:
    """Return the fields of an amendment."""
    fields: Fields = {}
    _put_amounts(fields, price=price, size=size, stop_price=stop_price)
    return fields


def deposit_fields(asset: str, amount: Amount, reference: str | None) -> Fields:
    """Return the fields of a deposit. There is always a reference, for the same reason as a client_order_id."""
    return {
        "asset": asset,
        "amount": amount_field(amount, "amount"),
        "reference": new_client_order_id() if reference is None else reference,
    }


def withdrawal_fields(asset: str, amount: Amount, address: str, reference: str | None) -> Fields:
    """Return the fields of a withdrawal. There is always a reference, for the same reason as a client_order_id."""
    return {**deposit_fields(asset, amount, reference), "address": address}


def api_key_fields(
    label: str,
    scopes: Iterable[Scope | str],
    expires_at: datetime | str | None,
    *,
    kind: KeyKind | str = KeyKind.BEARER,
    public_key: str | None = None,
    allowed_addresses: Iterable[str] = (),
) -> Fields:
    """Return the fields of a new API key. Raises InvalidRequestError for scopes that are one text."""
    if isinstance(scopes, str):
        raise invalid_request("scopes is a list, such as ['read', 'trade']", "scopes")
    fields: Fields = {"label": label, "scopes": [str(scope) for scope in scopes]}
    if expires_at is not None:
        fields["expires_at"] = time_field(expires_at, "expires_at")
    if isinstance(allowed_addresses, str):
        raise invalid_request("allowed_addresses is a list, such as ['203.0.113.7']", "allowed_addresses")
    if allowed := list(allowed_addresses):
        fields["allowed_addresses"] = allowed
    if kind != KeyKind.BEARER:
        fields["kind"] = str(kind)
    if public_key is not None:
        fields["public_key"] = public_key
    return fields


def order_ref(order_id: int | None, client_order_id: str | None) -> Fields:
    """Return the fields that name an order. Raises InvalidRequestError unless exactly one of the two is given."""
    if order_id is not None and client_order_id is None:
        return {"id": order_id}
    if client_order_id is not None and order_id is None:
        return {"client_order_id": client_order_id}
    raise invalid_request("name an order by order_id or by client_order_id, not both", "id")


def _put_amounts(fields: Fields, **amounts: Amount | None) -> None:
    for name, amount in amounts.items():
        if amount is not None:
            fields[name] = amount_field(amount, name)


def _type_for(price: Amount | None, stop_price: Amount | None) -> OrderType:
    if stop_price is None:
        return OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderType.STOP if price is None else OrderType.STOP_LIMIT
