"""What the SDK returns: typed, frozen, decoded from the node's JSON; amounts are Decimal, times datetime in UTC.

Fields and their meaning are those of the views in `cryptex.protocol.views`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeVar

import msgspec

from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import (
    LIVE_WITHDRAWALS,
    OPEN_STATUSES,
    EndReason,
    EntryKind,
    Liquidity,
    MarketState,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalReason,
    WithdrawalStatus,
)

T = TypeVar("T")


class Page(list[T]):
    """A list that says where it goes on: `next` is the value for `before`, or None at the end."""

    def __init__(self, items: list[T], next: int | str | None = None) -> None:  # noqa: A002 (the contract's word)
        super().__init__(items)
        self.next = next


class User(msgspec.Struct, frozen=True):
    """A registered user."""

    id: int
    username: str
    email: str | None
    created_at: datetime


class Me(msgspec.Struct, frozen=True):
    """Who asks, and what they may do."""

    id: int
    username: str
    email: str | None
    created_at: datetime
    scopes: tuple[str, ...]
    role: str = "trader"


class Session(msgspec.Struct, frozen=True):
    """A login. Its text never shows the token."""

    token: str
    user_id: int
    username: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Session(user_id={self.user_id}, username={self.username!r}, expires_at={self.expires_at!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("user_id", self.user_id), ("username", self.username), ("expires_at", self.expires_at)]


class Fresh(msgspec.Struct, frozen=True):
    """Until when a login may do what needs a fresh one."""

    fresh_until: datetime


class SecondFactor(msgspec.Struct, frozen=True):
    """How it stands with one's second factor."""

    enabled: bool
    enabled_at: datetime | None
    recovery_codes_left: int


class OpenSession(msgspec.Struct, frozen=True):
    """A login. `expires_at` is when it ends unless it is used before; `current` is the one that asked."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class ApiKey(msgspec.Struct, frozen=True):
    """A token for a program. Its `secret` is there only in the answer that made it; its text never shows it."""

    id: int
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    kind: KeyKind = KeyKind.BEARER
    public_key: str | None = None
    allowed_addresses: tuple[str, ...] = ()
    secret: str | None = None

    def __repr__(self) -> str:
        return f"ApiKey(id={self.id}, label={self.label!r}, scopes={self.scopes!r}, expires_at={self.expires_at!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("id", self.id), ("label", self.label), ("scopes", self.scopes), ("expires_at", self.expires_at)]


class Asset(msgspec.Struct, frozen=True):
    """An asset: `decimals` says how finely it is counted."""

    symbol: str
    name: str
    decimals: int


class Market(msgspec.Struct, frozen=True):
    """A market's filters, fees (as rates) and state."""

    market: str
    base: str
    quote: str
    tick_size: Decimal
    lot_size: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    price_band: Decimal | None
    state: MarketState


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its owner sees it."""

    id: int
    user_id: int
    client_order_id: str | None
    market: str
    side: Side
    type: OrderType
    status: OrderStatus
    price: Decimal | None
    stop_price: Decimal | None
    size: Decimal | None
    quote_size: Decimal | None
    filled: Decimal
    remaining: Decimal
    canceled_size: Decimal
    average_price: Decimal | None
    fees: dict[str, Decimal]
    time_in_force: TimeInForce
    expires_at: datetime | None
    post_only: bool
    self_trade_prevention: SelfTradePrevention
    reason: EndReason | None
    reject_code: Code | None
    created_at: datetime
    updated_at: datetime
    sequence: int
    duplicate: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can still trade or trigger."""
        return self.status in OPEN_STATUSES


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One's own side of a trade."""

    id: int
    trade_id: int
    order_id: int
    client_order_id: str | None
    market: str
    side: Side
    liquidity: Liquidity
    price: Decimal
    size: Decimal
    fee: Decimal
    fee_asset: str
    sequence: int
    time: datetime


class Balance(msgspec.Struct, frozen=True):
    """What an account has of an asset: available = balance - held."""

    asset: str
    balance: Decimal
    held: Decimal
    available: Decimal


class Posting(msgspec.Struct, frozen=True):
    """A line of a ledger entry: the change of one part of an account, and what it was afterwards."""

    asset: str
    account: Literal["available", "held"]
    change: Decimal
    balance: Decimal


class Entry(msgspec.Struct, frozen=True):
    """A ledger entry, as far as it concerns its reader."""

    id: int
    kind: EntryKind
    reference: str
    sequence: int
    time: datetime
    postings: tuple[Posting, ...]


class Withdrawal(msgspec.Struct, frozen=True):
    """A withdrawal. `reason`: why its funds came back. `reference` is its owner's, None where none was given.

    `txid` and `height` name its transaction and block once it is broadcast. Of the `confirmations_required` it has
    `confirmations`. `postings` are the lines of the ledger entry `entry_id` that holds it.
    """

    id: int
    kind: EntryKind
    asset: str
    amount: Decimal
    address: str
    reference: str | None
    status: WithdrawalStatus
    reason: WithdrawalReason | None
    txid: str | None
    height: int | None
    confirmations: int
    confirmations_required: int
    entry_id: int
    postings: tuple[Posting, ...]
    time: datetime
    updated_at: datetime
    sequence: int

    @property
    def is_live(self) -> bool:
        """Whether its funds are held: it is not confirmed, and has not ended otherwise."""
        return self.status in LIVE_WITHDRAWALS


class AllowedAddress(msgspec.Struct, frozen=True):
    """An address on an allow-list. It counts from `usable_at` on."""

    id: int
    asset: str
    address: str
    label: str
    created_at: datetime
    usable_at: datetime


class AllowList(msgspec.Struct, frozen=True):
    """Where one's withdrawals may go: anywhere unless `enabled`. One that is being turned off is on until `ends_at`."""

    enabled: bool
    ends_at: datetime | None
    addresses: tuple[AllowedAddress, ...]


class DepositAddress(msgspec.Struct, frozen=True):
    """Where an account receives an asset: always the same address."""

    asset: str
    address: str


class Trade(msgspec.Struct, frozen=True):
    """A public trade; `side` is the taker's."""

    id: int
    price: Decimal
    size: Decimal
    side: Side
    time: datetime


class Candle(msgspec.Struct, frozen=True):
    """Prices and volume of an interval that begins at `time`. Intervals without trades are left out."""

    time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int


class Ticker(msgspec.Struct, frozen=True):
    """The last 24 hours of a market, its best prices and its state. None where there is nothing to say.

    `state_ends_at` is when the state ends by itself. In an auction that would trade, `indicative_price` and
    `indicative_volume` say what it would come to if it ended now.
    """

    market: str
    last: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None
    high: Decimal | None
    low: Decimal | None
    volume: Decimal
    quote_volume: Decimal
    best_bid: Decimal | None
    best_ask: Decimal | None
    time: datetime
    state: MarketState = MarketState.OPEN
    state_ends_at: datetime | None = None
    indicative_price: Decimal | None = None
    indicative_volume: Decimal | None = None


class Level(NamedTuple):
    """A level of a book."""

    price: Decimal
    size: Decimal


class Book(msgspec.Struct, frozen=True):
    """The best levels of a book, best first."""

    market: str
    epoch: int
    sequence: int
    time: datetime
    bids: list[Level]
    asks: list[Level]
    checksum: int


class MarketData(msgspec.Struct, frozen=True):
    """Ticker and book of a market in one answer."""

    market: str
    ticker: Ticker
    bids: list[Level]
    asks: list[Level]
    sequence: int
    time: datetime


class Simulation(msgspec.Struct, frozen=True):
    """The simulated traders of a node: their scenario, and the seed that their chance comes from."""

    scenario: str
    seed: int


class Health(msgspec.Struct, frozen=True):
    """Whether the node is up, where it stands, and whether its markets are simulated."""

    status: str
    epoch: int
    sequence: int
    version: str
    simulation: Simulation | None = None
