"""The SDK: `Exchange` for asyncio, `SyncExchange` for notebooks, `RestClient` for plain requests.

Names load when they are first used: `import cryptex.client` costs nothing, and `cryptex.client.rest` brings in neither
asyncio nor websockets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptex.client.admin import AdminClient
    from cryptex.client.book_replica import BookReplica
    from cryptex.client.chain import Gap
    from cryptex.client.errors import (
        AccessError,
        ChangedNodeError,
        CryptexError,
        InvalidRequestError,
        NodeUnreachableError,
        OutcomeUnknownError,
        RefusedError,
        UnavailableError,
        UnknownNodeError,
        UntrustedNodeError,
    )
    from cryptex.client.exchange import Exchange
    from cryptex.client.models import (
        AllowedAddress,
        AllowList,
        ApiKey,
        Asset,
        Balance,
        Book,
        Candle,
        DepositAddress,
        Entry,
        Fill,
        Health,
        Level,
        Market,
        MarketData,
        Me,
        OpenSession,
        Order,
        Page,
        Posting,
        Session,
        Ticker,
        Trade,
        User,
        Withdrawal,
    )
    from cryptex.client.paging import Rows
    from cryptex.client.replica import (
        CandlesReplica,
        FillsReplica,
        OrdersReplica,
        TickerReplica,
        TradesReplica,
        WalletReplica,
    )
    from cryptex.client.rest import RestClient
    from cryptex.client.session import TokenStore
    from cryptex.client.stream import ConnectionState
    from cryptex.client.subscription import Subscription
    from cryptex.client.sync_exchange import SyncExchange
    from cryptex.client.sync_subscription import SyncSubscription
    from cryptex.client.text import csv_row
    from cryptex.client.timing import Timing

_HOMES: Final = {
    "admin": ("AdminClient",),
    "book_replica": ("BookReplica",),
    "chain": ("Gap",),
    "errors": (
        "AccessError",
        "ChangedNodeError",
        "CryptexError",
        "InvalidRequestError",
        "NodeUnreachableError",
        "OutcomeUnknownError",
        "RefusedError",
        "UnavailableError",
        "UnknownNodeError",
        "UntrustedNodeError",
    ),
    "exchange": ("Exchange",),
    "models": (
        "AllowList",
        "AllowedAddress",
        "ApiKey",
        "Asset",
        "Balance",
        "Book",
        "Candle",
        "DepositAddress",
        "Entry",
        "Fill",
        "Health",
        "Level",
        "Market",
        "MarketData",
        "Me",
        "OpenSession",
        "Order",
        "Page",
        "Posting",
        "Session",
        "Ticker",
        "Trade",
        "User",
        "Withdrawal",
    ),
    "paging": ("Rows",),
    "replica": (
        "CandlesReplica",
        "FillsReplica",
        "OrdersReplica",
        "TickerReplica",
        "TradesReplica",
        "WalletReplica",
    ),
    "rest": ("RestClient",),
    "session": ("TokenStore",),
    "stream": ("ConnectionState",),
    "subscription": ("Subscription",),
    "sync_exchange": ("SyncExchange",),
    "sync_subscription": ("SyncSubscription",),
    "text": ("csv_row",),
    "timing": ("Timing",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AccessError",
    "AdminClient",
    "AllowList",
    "AllowedAddress",
    "ApiKey",
    "Asset",
    "Balance",
    "Book",
    "BookReplica",
    "Candle",
    "CandlesReplica",
    "ChangedNodeError",
    "ConnectionState",
    "CryptexError",
    "DepositAddress",
    "Entry",
    "Exchange",
    "Fill",
    "FillsReplica",
    "Gap",
    "Health",
    "InvalidRequestError",
    "Level",
    "Market",
    "MarketData",
    "Me",
    "NodeUnreachableError",
    "OpenSession",
    "Order",
    "OrdersReplica",
    "OutcomeUnknownError",
    "Page",
    "Posting",
    "RefusedError",
    "RestClient",
    "Rows",
    "Session",
    "Subscription",
    "SyncExchange",
    "SyncSubscription",
    "Ticker",
    "TickerReplica",
    "Timing",
    "TokenStore",
    "Trade",
    "TradesReplica",
    "UnavailableError",
    "UnknownNodeError",
    "UntrustedNodeError",
    "User",
    "WalletReplica",
    "Withdrawal",
    "csv_row",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
