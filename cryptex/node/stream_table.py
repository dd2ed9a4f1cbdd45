"""Every method of the websocket in one table: what it takes and answers. `/asyncapi.json` is made from it.

A method without a row here fails a test, and so does a row without a method. Channels need no table: their messages
name them.
"""

from typing import Final

import msgspec

from cryptex.node.operation import AMEND_CODES, CANCEL_CODES, PLACE_CODES, SIGNED_CODES, Access
from cryptex.protocol.channels import (
    CancelAfterResult,
    CancelOnDisconnectResult,
    LoginResult,
    PongResult,
    SubscribeResult,
)
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import (
    AmendParams,
    CancelAfterParams,
    CancelAllParams,
    CancelOnDisconnectParams,
    LoginParams,
    NoParams,
    OpenOrdersParams,
    OrderRef,
    PlaceForm,
    SubscribeParams,
)
from cryptex.protocol.terms import Scope
from cryptex.protocol.views import BalanceList, CanceledList, OrderList, OrderView


class StreamMethod(msgspec.Struct, frozen=True):
    """A method: its params, its result, who may call it, and what it may be refused with beyond the usual."""

    name: str
    what: str
    access: Access
    params: type[msgspec.Struct]
    result: type[msgspec.Struct]
    codes: tuple[Code, ...] = ()


_CHANNEL_CODES: Final = (Code.UNKNOWN_MARKET, Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.RATE_LIMITED)

STREAM_METHODS: Final = (
    StreamMethod(
        "login",
        "Speak for the user of a token, or of the key that signed, from now on.",
        "public",
        LoginParams,
        LoginResult,
        (Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.ADDRESS_NOT_ALLOWED, *SIGNED_CODES),
    ),
    StreamMethod("ping", "Say where the log is.", "public", NoParams, PongResult),
    StreamMethod(
        "subscribe",
        "Send the snapshot of a channel and its updates from then on; private channels need a login.",
        "public",
        SubscribeParams,
        SubscribeResult,
        _CHANNEL_CODES,
    ),
    StreamMethod(
        "unsubscribe", "Send no more of a channel.", "public", SubscribeParams, SubscribeResult, _CHANNEL_CODES
    ),
    StreamMethod(
        "order.place",
        "Place an order. The reply means that it is in the journal, on disk.",
        Scope.TRADE,
        PlaceForm,
        OrderView,
        PLACE_CODES,
    ),
    StreamMethod(
        "order.amend",
        "Give an open order a new price, a new total size or a new stop_price.",
        Scope.TRADE,
        AmendParams,
        OrderView,
        AMEND_CODES,
    ),
    StreamMethod("order.cancel", "Cancel an open order.", Scope.TRADE, OrderRef, OrderView, CANCEL_CODES),
    StreamMethod(
        "order.cancel_all",
        "Cancel all open orders, in one market or all.",
        Scope.TRADE,
        CancelAllParams,
        CanceledList,
        (Code.UNKNOWN_MARKET, Code.OUTCOME_UNKNOWN),
    ),
    StreamMethod("order.get", "Return one order.", Scope.READ, OrderRef, OrderView, (Code.UNKNOWN_ORDER,)),
    StreamMethod(
        "orders.open",
        "List open orders, oldest first.",
        Scope.READ,
        OpenOrdersParams,
        OrderList,
        (Code.UNKNOWN_MARKET,),
    ),
    StreamMethod("wallet.balances", "Return the balances of all assets.", Scope.READ, NoParams, BalanceList),
    StreamMethod(
        "cancel_after",
        "Cancel all open orders of the account after so many seconds unless called again; 0 ends it.",
        Scope.TRADE,
        CancelAfterParams,
        CancelAfterResult,
        (Code.OUTCOME_UNKNOWN,),
    ),
    StreamMethod(
        "cancel_on_disconnect",
        "Cancel the orders placed on this connection from now on when it ends, or no longer.",
        Scope.TRADE,
        CancelOnDisconnectParams,
        CancelOnDisconnectResult,
        (Code.OUTCOME_UNKNOWN,),
    ),
)
"""In the order of the document."""
