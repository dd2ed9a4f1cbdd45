"""What an operation of REST is, for the documents: who may ask, what it takes, what it answers, what it may refuse."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from cryptex.node.http import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import ID_MAX
from cryptex.protocol.terms import CLIENT_ORDER_ID_LENGTH_MAX, Scope

Schema = Mapping[str, object]
Access = Literal["public", "token", "login", "admin"] | Scope
"""Who may ask: everybody, any token, the token of a login, or a token with a scope.

`admin`: the fresh login of an admin, and for a GET an admin's API key with the scope read too.
"""

Types = tuple[type, ...]


class Parameter(msgspec.Struct, frozen=True):
    """A part of a path or of a query."""

    name: str
    what: str
    schema: Schema


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path. `answers` are the types behind each good status; none: no body."""

    method: str
    path: str
    name: str
    tag: str
    what: str
    access: Access = "public"
    answers: Mapping[int, Types]
    query: tuple[Parameter, ...] = ()
    forms: Types = ()
    codes: tuple[Code, ...] = ()
    media_type: str = "application/json"


ALWAYS: Final = (Code.INVALID_REQUEST, Code.TOO_LARGE, Code.RATE_LIMITED, Code.UNAVAILABLE, Code.INTERNAL_ERROR)
"""What any request may meet."""

WITH_A_TOKEN: Final = (Code.UNAUTHENTICATED, Code.FORBIDDEN)
SIGNED_CODES: Final = (Code.BAD_SIGNATURE, Code.TIMESTAMP_OUT_OF_WINDOW, Code.REPLAYED_REQUEST)
OF_A_KEY: Final = (*SIGNED_CODES, Code.ADDRESS_NOT_ALLOWED)
"""What requests with an API key may meet, beyond what those with a login may."""

AMOUNT_CODES: Final = (Code.TICK_SIZE, Code.LOT_SIZE, Code.AMOUNT_TOO_LARGE)
ADMISSION_CODES: Final = (
    *AMOUNT_CODES,
    Code.MIN_NOTIONAL,
    Code.INSUFFICIENT_FUNDS,
    Code.PRICE_OUT_OF_BAND,
    Code.WOULD_TAKE,
    Code.STOP_WOULD_TRIGGER,
    Code.TOO_MANY_OPEN_ORDERS,
    Code.MARKET_HALTED,
)
PLACE_CODES: Final = (
    *ADMISSION_CODES,
    Code.UNKNOWN_MARKET,
    Code.UNKNOWN_ASSET,
    Code.CLIENT_ORDER_ID_CONFLICT,
    Code.OUTCOME_UNKNOWN,
)
AMEND_CODES: Final = (*ADMISSION_CODES, Code.UNKNOWN_ORDER, Code.NOT_OPEN, Code.OUTCOME_UNKNOWN)
CANCEL_CODES: Final = (Code.UNKNOWN_ORDER, Code.NOT_OPEN, Code.OUTCOME_UNKNOWN)
TRANSFER_CODES: Final = (
    Code.UNKNOWN_ASSET,
    Code.AMOUNT_TOO_LARGE,
    Code.REFERENCE_CONFLICT,
    Code.OUTCOME_UNKNOWN,
)

ID_SCHEMA: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": ID_MAX}
MARKET_SCHEMA: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 40, "examples": ["BTC-USDT"]}

LIMIT: Final = Parameter(
    "limit",
    "rows in a page",
    {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT_MAX, "default": PAGE_LIMIT_DEFAULT},
)
BEFORE: Final = Parameter("before", "the `next` of the page before", ID_SCHEMA)
PAGE: Final = (LIMIT, BEFORE)
PATH_PARAMETERS: Final[Mapping[str, Parameter]] = {
    "id": Parameter("id", "an id", ID_SCHEMA),
    "username": Parameter("username", "the name of a user", {"type": "string", "minLength": 1}),
    "session_id": Parameter("session_id", "an id of the list of sessions", {"type": "string", "minLength": 1}),
    "market": Parameter("market", "a market; `BTC/USDT` and lower case are understood", MARKET_SCHEMA),
    "client_order_id": Parameter(
        "client_order_id",
        "the key that its owner gave an order",
        {"type": "string", "minLength": 1, "maxLength": CLIENT_ORDER_ID_LENGTH_MAX, "pattern": "^[ -~]+$"},
    ),
}
"""What stands in braces in the paths."""
