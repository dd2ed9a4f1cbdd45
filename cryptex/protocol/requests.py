"""Requests as they arrive: the forms of REST bodies and websocket params, before the gateway turns them into commands.

Amounts stay raw JSON (a number or a string, exactly as written) until `Market` or `Asset` converts them. Unknown
fields are refused, so that a misspelled one is never silently ignored.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Raw

from cryptex.protocol.amounts import NO_AMOUNT
from cryptex.protocol.signing import SIGNATURE_LENGTH_MAX, WINDOW_MS_MAX
from cryptex.protocol.terms import (
    ADDRESS_LENGTH_MAX,
    CLIENT_ORDER_ID_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    Interval,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cryptex.protocol.times import TIME_TEXT_LENGTH_MAX

MESSAGE_BYTES_MAX: Final = 64 * 1024
ID_MAX: Final = (1 << 62) - 1
EMAIL_LENGTH_MAX: Final = 254
TOKEN_LENGTH_MAX: Final = 128
CODE_LENGTH_MAX: Final = 64
CANCEL_AFTER_SECONDS_MAX: Final = 86_400
SUBSCRIBED_MARKETS_MAX: Final = 200
BOOK_DEPTHS: Final = (10, 25, 100, 1000)
BOOK_DEPTH_DEFAULT: Final = 25

OrderId = Annotated[int, Meta(ge=1, le=ID_MAX)]
ClientOrderId = Annotated[str, Meta(min_length=1, max_length=CLIENT_ORDER_ID_LENGTH_MAX, pattern=r"^[\x20-\x7e]+\Z")]
Reference = Annotated[str, Meta(min_length=1, max_length=REFERENCE_LENGTH_MAX, pattern=r"^[\x20-\x7e]+\Z")]
Address = Annotated[str, Meta(min_length=1, max_length=ADDRESS_LENGTH_MAX, pattern=r"^[\x20-\x7e]+\Z")]
MarketName = Annotated[str, Meta(min_length=1, max_length=40)]
AssetName = Annotated[str, Meta(min_length=1, max_length=20)]
TimeText = Annotated[str, Meta(max_length=TIME_TEXT_LENGTH_MAX)]


SecondFactorCode = Annotated[str, Meta(max_length=CODE_LENGTH_MAX)]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all requests."""


class RegisterForm(Form, frozen=True):
    """POST /users."""

    username: Annotated[str, Meta(max_length=128)]
    password: Annotated[str, Meta(max_length=1024)]
    email: Annotated[str, Meta(max_length=EMAIL_LENGTH_MAX)] | None = None


class SessionForm(Form, frozen=True):
    """POST /sessions. `code` is one of the second factor, or a recovery code."""

    username: Annotated[str, Meta(max_length=128)]
    password: Annotated[str, Meta(max_length=1024)]
    code: SecondFactorCode | None = None


class ReauthenticationForm(Form, frozen=True):
    """POST /sessions/current/reauthentication: what a login needs."""

    password: Annotated[str, Meta(max_length=1024)]
    code: SecondFactorCode | None = None


class ConfirmationForm(Form, frozen=True):
    """POST /users/me/second_factor/confirmation: a code of the secret that was shown."""

    code: SecondFactorCode


class PasswordForm(Form, frozen=True):
    """POST /users/me/password: the present one, and the one to be."""

    password: Annotated[str, Meta(max_length=1024)]
    new_password: Annotated[str, Meta(max_length=1024)]


class PlaceForm(Form, frozen=True, kw_only=True):
    """POST /orders and order.place."""

    market: MarketName
    side: Side
    type: OrderType
    size: Raw = NO_AMOUNT
    quote_size: Raw = NO_AMOUNT
    price: Raw = NO_AMOUNT
    stop_price: Raw = NO_AMOUNT
    time_in_force: TimeInForce | None = None
    expires_at: TimeText | None = None
    post_only: bool = False
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.CANCEL_NEWEST
    client_order_id: ClientOrderId | None = None


class SimplePlaceForm(Form, frozen=True, kw_only=True):
    """POST /orders in the short form of the original design; without a price it is a market order."""

    cryptocurrency: AssetName
    amount: Raw
    price: Raw = NO_AMOUNT
    user_id: Annotated[int, Meta(ge=0, le=ID_MAX)] | None = None
    side: Side = Side.BUY


class AmendForm(Form, frozen=True, kw_only=True):
    """PATCH /orders/{id}."""

    price: Raw = NO_AMOUNT
    size: Raw = NO_AMOUNT
    stop_price: Raw = NO_AMOUNT


class OrderRef(Form, frozen=True, kw_only=True):
    """order.cancel and order.get: exactly one of the two."""

    id: OrderId | None = None
    client_order_id: ClientOrderId | None = None


class AmendParams(Form, frozen=True, kw_only=True):
    """order.amend."""

    id: OrderId | None = None
    client_order_id: ClientOrderId | None = None
    price: Raw = NO_AMOUNT
    size: Raw = NO_AMOUNT
    stop_price: Raw = NO_AMOUNT


class CancelAllParams(Form, frozen=True):
    """order.cancel_all."""

    market: MarketName | None = None


class OpenOrdersParams(Form, frozen=True):
    """orders.open."""

    market: MarketName | None = None


class DepositForm(Form, frozen=True):
    """POST /wallet/deposits."""

    asset: AssetName
    amount: Raw
    reference: Reference | None = None


class WithdrawalForm(Form, frozen=True):
    """POST /wallet/withdrawals."""

    asset: AssetName
    amount: Raw
    address: Address
    reference: Reference | None = None


class CancelAfterParams(Form, frozen=True):
    """cancel_after."""

    seconds: Annotated[int, Meta(ge=0, le=CANCEL_AFTER_SECONDS_MAX)]


class CancelOnDisconnectParams(Form, frozen=True):
    """cancel_on_disconnect."""

    enabled: bool


class LoginParams(Form, frozen=True):
    """login: a token, or a key's id with a signature and the time in milliseconds since 1970 at which it was made."""

    token: Annotated[str, Meta(max_length=TOKEN_LENGTH_MAX)] | None = None
    key: Annotated[int, Meta(ge=1, le=ID_MAX)] | None = None
    timestamp: Annotated[int, Meta(ge=0, le=ID_MAX)] | None = None
    window: Annotated[int, Meta(ge=1, le=WINDOW_MS_MAX)] | None = None
    signature: Annotated[str, Meta(max_length=SIGNATURE_LENGTH_MAX)] | None = None


class NoParams(Form, frozen=True):
    """ping and wallet.balances."""


Channel = Literal["book", "trades", "ticker", "candles", "orders", "fills", "wallet"]


class Since(Form, frozen=True):
    """The last message of a channel that a client saw."""

    epoch: Annotated[int, Meta(ge=0, le=ID_MAX)]
    sequence: Annotated[int, Meta(ge=0, le=ID_MAX)]


class SubscribeParams(Form, frozen=True, kw_only=True):
    """subscribe and unsubscribe. Market channels need markets; private ones take none."""

    channel: Channel
    markets: Annotated[list[MarketName], Meta(max_length=SUBSCRIBED_MARKETS_MAX)] = []
    depth: int = BOOK_DEPTH_DEFAULT
    interval: Interval = Interval.M1
    since: Since | None = None


class RequestIdAlone(msgspec.Struct, frozen=True):
    """What a reply needs of a request that is not of its form."""

    id: int | str | None = None


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A websocket request. `params` is decoded by the method's own form."""

    method: Annotated[str, Meta(max_length=64)]
    id: Annotated[int, Meta(ge=-ID_MAX, le=ID_MAX)] | Annotated[str, Meta(max_length=64)] | None = None
    params: Raw = Raw(b"{}")
