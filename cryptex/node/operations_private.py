"""The REST operations of accounts: users, keys, orders and the wallet.

A route without a row here or in `operations_public` fails a test, and so does a row without a route.
"""

from typing import Final

from cryptex.node.http import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX
from cryptex.node.operation import (
    AMEND_CODES,
    CANCEL_CODES,
    ID_SCHEMA,
    MARKET_SCHEMA,
    PLACE_CODES,
    TRANSFER_CODES,
    Operation,
    Parameter,
)
from cryptex.protocol.api_keys import ApiKeyForm, ApiKeyList, NewApiKeyView
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import (
    AmendForm,
    DepositForm,
    PasswordForm,
    PlaceForm,
    ReauthenticationForm,
    RegisterForm,
    SessionForm,
    SimplePlaceForm,
    WithdrawalForm,
)
from cryptex.protocol.terms import OrderStatus, Scope
from cryptex.protocol.views import (
    BalanceList,
    CanceledList,
    EndedSessions,
    EntryList,
    EntryView,
    FillList,
    FreshView,
    MeView,
    OrderList,
    OrderView,
    SessionList,
    SessionView,
    SimpleOrderView,
    UserView,
)

LIMIT: Final = Parameter(
    "limit",
    "rows in a page",
    {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT_MAX, "default": PAGE_LIMIT_DEFAULT},
)
BEFORE: Final = Parameter("before", "the `next` of the page before", ID_SCHEMA)
PAGE: Final = (LIMIT, BEFORE)
_OF_MARKET: Final = Parameter("market", "only this market", MARKET_SCHEMA)

_USERS: Final = (
    Operation(
        method="POST",
        path="/users",
        name="register",
        tag="users",
        what="Register a user and open the account.",
        forms=(RegisterForm,),
        answers={201: (UserView,)},
        codes=(Code.DUPLICATE_USER, Code.WEAK_PASSWORD, Code.AMOUNT_TOO_LARGE, Code.OUTCOME_UNKNOWN),
    ),
    Operation(
        method="GET",
        path="/users/me",
        name="me",
        tag="users",
        what="Say who asks, and what they may do.",
        access="token",
        answers={200: (MeView,)},
    ),
    Operation(
        method="POST",
        path="/sessions",
        name="login",
        tag="users",
        what="Log in. The token is shown once.",
        forms=(SessionForm,),
        answers={201: (SessionView,)},
        codes=(Code.BAD_CREDENTIALS, Code.RATE_LIMITED),
    ),
    Operation(
        method="DELETE",
        path="/sessions/current",
        name="logout",
        tag="users",
        what="End the session of this token.",
        access="login",
        answers={204: ()},
    ),
    Operation(
        method="POST",
        path="/sessions/current/reauthentication",
        name="reauthenticate",
        tag="users",
        what="Show who one is once more: for ten minutes this login may do what needs a fresh one.",
        access="login",
        forms=(ReauthenticationForm,),
        answers={200: (FreshView,)},
        codes=(Code.BAD_CREDENTIALS,),
    ),
    Operation(
        method="POST",
        path="/users/me/password",
        name="changePassword",
        tag="users",
        what="Change the password, given the present one. All other logins of the user end; API keys stay.",
        access="login",
        forms=(PasswordForm,),
        answers={204: ()},
        codes=(Code.BAD_CREDENTIALS, Code.WEAK_PASSWORD),
    ),
    Operation(
        method="GET",
        path="/sessions",
        name="listSessions",
        tag="users",
        what="List one's logins, the one used last first.",
        access="login",
        answers={200: (SessionList,)},
    ),
    Operation(
        method="DELETE",
        path="/sessions",
        name="endOtherSessions",
        tag="users",
        what="End all of one's logins but this one.",
        access="login",
        answers={200: (EndedSessions,)},
    ),
    Operation(
        method="DELETE",
        path="/sessions/{session_id}",
        name="revokeSession",
        tag="users",
        what="End one of one's logins.",
        access="login",
        answers={204: ()},
        codes=(Code.UNKNOWN_SESSION,),
    ),
)

_KEYS: Final = (
    Operation(
        method="POST",
        path="/api_keys",
        name="createApiKey",
        tag="users",
        what="Make an API key with some of a login's scopes. Its secret is shown once. Needs a fresh login.",
        access="login",
        forms=(ApiKeyForm,),
        answers={201: (NewApiKeyView,)},
        codes=(Code.TOO_MANY_API_KEYS, Code.REAUTHENTICATION_REQUIRED),
    ),
    Operation(
        method="GET",
        path="/api_keys",
        name="listApiKeys",
        tag="users",
        what="List API keys, newest first.",
        access="login",
        answers={200: (ApiKeyList,)},
    ),
    Operation(
        method="DELETE",
        path="/api_keys/{id}",
        name="revokeApiKey",
        tag="users",
        what="End an API key.",
        access="login",
        answers={204: ()},
        codes=(Code.UNKNOWN_API_KEY,),
    ),
)

_ORDERS: Final = (
    Operation(
        method="POST",
        path="/orders",
        name="placeOrder",
        tag="orders",
        what="Place an order: 201, or 200 with `duplicate` where its client_order_id had made it before. "
        "The short form is answered in its own words.",
        access=Scope.TRADE,
        forms=(PlaceForm, SimplePlaceForm),
        answers={201: (OrderView, SimpleOrderView), 200: (OrderView,)},
        codes=PLACE_CODES,
    ),
    Operation(
        method="GET",
        path="/orders",
        name="listOrders",
        tag="orders",
        what="List own orders, newest first. `status=open` means all that are alive.",
        access=Scope.READ,
        query=(Parameter("status", "only these", {"enum": [*OrderStatus]}), _OF_MARKET, *PAGE),
        answers={200: (OrderList,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
    Operation(
        method="DELETE",
        path="/orders",
        name="cancelAllOrders",
        tag="orders",
        what="Cancel all open orders, in one market or all.",
        access=Scope.TRADE,
        query=(_OF_MARKET,),
        answers={200: (CanceledList,)},
        codes=(Code.UNKNOWN_MARKET, Code.OUTCOME_UNKNOWN),
    ),
    Operation(
        method="GET",
        path="/orders/by-client-id/{client_order_id}",
        name="getOrderByClientId",
        tag="orders",
        what="Return the newest order with a client_order_id.",
        access=Scope.READ,
        answers={200: (OrderView,)},
        codes=(Code.UNKNOWN_ORDER,),
    ),
    Operation(
        method="GET",
        path="/orders/{id}",
        name="getOrder",
        tag="orders",
        what="Return one order.",
        access=Scope.READ,
        answers={200: (OrderView,)},
        codes=(Code.UNKNOWN_ORDER,),
    ),
    Operation(
        method="PATCH",
        path="/orders/{id}",
        name="amendOrder",
        tag="orders",
        what="Give an open order a new price, a new total size or a new stop_price.",
        access=Scope.TRADE,
        forms=(AmendForm,),
        answers={200: (OrderView,)},
        codes=AMEND_CODES,
    ),
    Operation(
        method="DELETE",
        path="/orders/{id}",
        name="cancelOrder",
        tag="orders",
        what="Cancel an open order.",
        access=Scope.TRADE,
        answers={200: (OrderView,)},
        codes=CANCEL_CODES,
    ),
    Operation(
        method="GET",
        path="/fills",
        name="listFills",
        tag="orders",
        what="List own fills, newest first.",
        access=Scope.READ,
        query=(_OF_MARKET, Parameter("order_id", "only this order", ID_SCHEMA), *PAGE),
        answers={200: (FillList,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
)

_WALLET: Final = (
    Operation(
        method="GET",
        path="/wallet",
        name="wallet",
        tag="wallet",
        what="Return the balances of all assets.",
        access=Scope.READ,
        answers={200: (BalanceList,)},
    ),
    Operation(
        method="POST",
        path="/wallet/deposits",
        name="deposit",
        tag="wallet",
        what="Bring in simulated funds: 201, or 200 where its reference had brought them in before.",
        access=Scope.TRADE,
        forms=(DepositForm,),
        answers={201: (EntryView,), 200: (EntryView,)},
        codes=(*TRANSFER_CODES, Code.FAUCET_DISABLED, Code.FAUCET_LIMIT),
    ),
    Operation(
        method="POST",
        path="/wallet/withdrawals",
        name="withdraw",
        tag="wallet",
        what="Send available funds out: 201, or 200 where its reference had sent them before.",
        access=Scope.WITHDRAW,
        forms=(WithdrawalForm,),
        answers={201: (EntryView,), 200: (EntryView,)},
        codes=(*TRANSFER_CODES, Code.INSUFFICIENT_FUNDS),
    ),
    Operation(
        method="GET",
        path="/wallet/entries",
        name="listEntries",
        tag="wallet",
        what="List ledger entries, newest first.",
        access=Scope.READ,
        query=PAGE,
        answers={200: (EntryList,)},
    ),
)

PRIVATE_OPERATIONS: Final = (*_USERS, *_KEYS, *_ORDERS, *_WALLET)
"""In the order of the documents."""
