"""Views: what users read. Money is decimal text, times are RFC 3339 text. REST and websocket share them."""

from typing import Literal

import msgspec

from cryptex.protocol.problems import Code
from cryptex.protocol.terms import (
    EndReason,
    EntryKind,
    Liquidity,
    MarketState,
    OrderStatus,
    OrderType,
    Role,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

LevelView = tuple[str, str]
"""A book level: price and size."""


class UserView(msgspec.Struct, frozen=True):
    """A registered user."""

    id: int
    username: str
    email: str | None
    created_at: str


class MeView(msgspec.Struct, frozen=True):
    """Who asks, and what they may do."""

    id: int
    username: str
    email: str | None
    created_at: str
    scopes: tuple[str, ...]
    role: Role = Role.TRADER


class SessionView(msgspec.Struct, frozen=True):
    """A login. The token is shown once."""

    token: str
    user_id: int
    username: str
    expires_at: str


class FreshView(msgspec.Struct, frozen=True):
    """Until when a login may do what needs a fresh one."""

    fresh_until: str


class SecondFactorView(msgspec.Struct, frozen=True):
    """How it stands with one's second factor."""

    enabled: bool
    enabled_at: str | None
    recovery_codes_left: int


class SecondFactorSecret(msgspec.Struct, frozen=True):
    """The secret of a second factor, as text and as an address that authenticators read. It is shown once."""

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "SecondFactorSecret()"


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each of these does once for a code of the second factor. They are shown once."""

    recovery_codes: list[str]

    def __repr__(self) -> str:
        return f"RecoveryCodes({len(self.recovery_codes)} codes)"


class OpenSessionView(msgspec.Struct, frozen=True):
    """A login without its token. `expires_at` is when it ends unless it is used before; `current` asks for the list."""

    id: str
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool


class SessionList(msgspec.Struct, frozen=True):
    """The logins of a user, the one used last first."""

    sessions: list[OpenSessionView]


class EndedSessions(msgspec.Struct, frozen=True):
    """How many logins were ended."""

    ended: int


class AssetView(msgspec.Struct, frozen=True):
    """An asset."""

    symbol: str
    name: str
    decimals: int


class MarketView(msgspec.Struct, frozen=True):
    """A market's filters, fees and state."""

    market: str
    base: str
    quote: str
    tick_size: str
    lot_size: str
    min_notional: str
    maker_fee: str
    taker_fee: str
    price_band: str | None
    state: MarketState


class OrderView(msgspec.Struct, frozen=True):
    """An order as its owner sees it."""

    id: int
    user_id: int
    client_order_id: str | None
    market: str
    side: Side
    type: OrderType
    status: OrderStatus
    price: str | None
    stop_price: str | None
    size: str | None
    quote_size: str | None
    filled: str
    remaining: str
    canceled_size: str
    average_price: str | None
    fees: dict[str, str]
    time_in_force: TimeInForce
    expires_at: str | None
    post_only: bool
    self_trade_prevention: SelfTradePrevention
    reason: EndReason | None
    reject_code: Code | None
    created_at: str
    updated_at: str
    sequence: int
    duplicate: bool = False


class FillView(msgspec.Struct, frozen=True, kw_only=True):
    """One's own side of a trade."""

    id: int
    trade_id: int
    order_id: int
    client_order_id: str | None
    market: str
    side: Side
    liquidity: Liquidity
    price: str
    size: str
    fee: str
    fee_asset: str
    sequence: int
    time: str


class BalanceView(msgspec.Struct, frozen=True):
    """What an account has of an asset: available = balance - held."""

    asset: str
    balance: str
    held: str
    available: str


class PostingView(msgspec.Struct, frozen=True):
    """A line of a ledger entry: the change of one part of an account, and what it was afterwards."""

    asset: str
    account: Literal["available", "held"]
    change: str
    balance: str


class EntryView(msgspec.Struct, frozen=True):
    """A ledger entry, as far as it concerns its reader."""

    id: int
    kind: EntryKind
    reference: str
    sequence: int
    time: str
    postings: tuple[PostingView, ...]


class TradeView(msgspec.Struct, frozen=True):
    """A public trade; `side` is the taker's."""

    id: int
    price: str
    size: str
    side: Side
    time: str


class CandleView(msgspec.Struct, frozen=True):
    """Prices and volume of an interval that begins at `time`. Intervals without trades are left out."""

    time: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int


class TickerView(msgspec.Struct, frozen=True):
    """The last 24 hours of a market, its best prices and its state. None where there is nothing to say.

    `state_ends_at` is when the state ends by itself. In an auction that would trade, `indicative_price` and
    `indicative_volume` say what it would come to if it ended now.
    """

    market: str
    last: str | None
    change: str | None
    change_percent: str | None
    high: str | None
    low: str | None
    volume: str
    quote_volume: str
    best_bid: str | None
    best_ask: str | None
    time: str
    state: MarketState = MarketState.OPEN
    state_ends_at: str | None = None
    indicative_price: str | None = None
    indicative_volume: str | None = None


class BookView(msgspec.Struct, frozen=True):
    """The best levels of a book; `docs/protocol.md` says how the checksum is made."""

    market: str
    epoch: int
    sequence: int
    time: str
    bids: list[LevelView]
    asks: list[LevelView]
    checksum: int


class MarketDataView(msgspec.Struct, frozen=True):
    """Ticker and book of a market in one answer."""

    market: str
    ticker: TickerView
    bids: list[LevelView]
    asks: list[LevelView]
    sequence: int
    time: str


class SimpleOrderView(msgspec.Struct, frozen=True):
    """The answer to the short form of an order, `{"user_id", "cryptocurrency", "amount", "price"}`."""

    id: int
    user_id: int
    cryptocurrency: str
    amount: str
    price: str | None
    created_at: str
    market: str
    side: Side
    status: OrderStatus


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """A problem as REST answers it (RFC 9457); the problem's own details stand beside these fields."""

    type: str
    title: str
    status: int
    code: Code
    detail: str
    retryable: bool
    suggestion: str


class SimulationView(msgspec.Struct, frozen=True):
    """The simulated traders of a node: their scenario, and the seed that their chance comes from."""

    scenario: str
    seed: int


class HealthView(msgspec.Struct, frozen=True):
    """Whether the node is up, where it stands, and whether its markets are simulated."""

    status: str
    epoch: int
    sequence: int
    version: str
    simulation: SimulationView | None = None


class RootView(msgspec.Struct, frozen=True):
    """What a node is, and the paths at which it says more."""

    service: str
    docs: str
    openapi: str
    asyncapi: str
    websocket: str
    health: str


class BalanceList(msgspec.Struct, frozen=True):
    """The wallet."""

    balances: list[BalanceView]


class AssetList(msgspec.Struct, frozen=True):
    """All assets."""

    assets: list[AssetView]


class MarketList(msgspec.Struct, frozen=True):
    """All markets."""

    markets: list[MarketView]


class TickerList(msgspec.Struct, frozen=True):
    """Tickers of all markets."""

    tickers: list[TickerView]


class CanceledList(msgspec.Struct, frozen=True):
    """The ids of the orders that a cancel-all ended."""

    canceled: list[int]


class OrderList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of orders, newest first; `next` is the value for `before` where there is more."""

    orders: list[OrderView]
    next: int | None = None


class FillList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of fills, newest first."""

    fills: list[FillView]
    next: int | None = None


class TradeList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of trades, newest first."""

    trades: list[TradeView]
    next: int | None = None


class EntryList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of ledger entries, newest first."""

    entries: list[EntryView]
    next: int | None = None


class CandleList(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of candles, newest first; `next` is the time to ask `before`."""

    candles: list[CandleView]
    next: str | None = None
