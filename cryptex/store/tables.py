"""The tables of history: the read model that the projector fills from events and that can be rebuilt at any time.

Numbers are ticks, lots and atomic units (`decimal_views` shows them as decimals), times are nanoseconds since 1970.
A row that counts ticks or lots names the market's definition (`market_id`) that says what they mean. Sums without
a bound (what an order traded in all, a candle's volume) are text: turnover may outgrow 64 bits, balances cannot.
"""

from sqlalchemy import Index
from sqlalchemy import text as text_clause
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from cryptex.store.columns import STRICT, STRICT_CLUSTERED, blob, flag, integer, text

ALIVE = text_clause("status IN ('open', 'partially_filled', 'pending')")
"""Orders that can still trade or trigger, in the one wording that their index and its query share."""


class HistoryTable(SQLModel, registry=registry()):
    """Base of the tables of history.db; its metadata holds these and no others."""


class StoredMeta(HistoryTable, table=True):
    """The one row (id 1) that says how far history has come: the sequence and log time of the last landing.

    `chain_hash` is the journal's hash there, and so says whose history this is.
    """

    __tablename__ = "meta"
    __table_args__ = (STRICT,)
    id: int = integer(primary_key=True)
    schema_version: int = integer()
    cursor: int = integer()
    time_ns: int = integer()
    chain_hash: bytes = blob()


class StoredAsset(HistoryTable, table=True):
    """An asset."""

    __tablename__ = "assets"
    __table_args__ = (STRICT,)
    symbol: str = text(primary_key=True)
    name: str = text()
    decimals: int = integer()


class StoredMarket(HistoryTable, table=True):
    """A definition of a market. Other steps make a new row; other fees, band or state change the latest one."""

    __tablename__ = "markets"
    __table_args__ = (STRICT,)
    market_id: int = integer(primary_key=True)
    market: str = text()
    base: str = text()
    quote: str = text()
    tick_e8: int = integer()
    lot_e8: int = integer()
    min_notional_units: int = integer()
    maker_fee_e8: int = integer()
    taker_fee_e8: int = integer()
    price_band_e8: int | None = integer(nullable=True)
    reference_price_ticks: int | None = integer(nullable=True)
    state: str = text()
    tick_units: int = integer()
    price_decimals: int = integer()
    lot_steps: int = integer()
    size_decimals: int = integer()


class StoredOrder(HistoryTable, table=True):
    """An order as it stands; `requested_*` are its values before amendments. Empty text or 0 is "not given"."""

    __tablename__ = "orders"
    __table_args__ = (
        # Status and market lie in it, so that a filter by them passes over an account's orders without their rows.
        Index("orders_by_account", "account_id", "order_id", "status", "market"),
        Index("orders_alive", "account_id", "order_id", sqlite_where=ALIVE, postgresql_where=ALIVE),
        Index("orders_by_client_order_id", "account_id", "client_order_id", "order_id"),
        STRICT,
    )
    order_id: int = integer(primary_key=True)
    account_id: int = integer()
    market_id: int = integer()
    market: str = text()
    side: str = text()
    type: str = text()
    time_in_force: str = text()
    post_only: int = flag()
    self_trade_prevention: str = text()
    client_order_id: str = text()
    requested_price_ticks: int = integer()
    requested_size_lots: int = integer()
    requested_stop_ticks: int = integer()
    quote_units: int = integer()
    expires_ns: int = integer()
    created_ns: int = integer()
    status: str = text()
    price_ticks: int = integer()
    size_lots: int = integer()
    stop_ticks: int = integer()
    remaining_lots: int = integer()
    filled_lots: int = integer()
    canceled_lots: int = integer()
    filled_quote_units: str = text()
    fee_units: str = text()
    held_units: int = integer()
    reason: str | None = text(nullable=True)
    reject_code: str | None = text(nullable=True)
    updated_ns: int = integer()
    sequence: int = integer()


ORDER_CHANGES = (
    "status",
    "price_ticks",
    "size_lots",
    "stop_ticks",
    "remaining_lots",
    "filled_lots",
    "canceled_lots",
    "filled_quote_units",
    "fee_units",
    "held_units",
    "reason",
    "reject_code",
    "updated_ns",
    "sequence",
)
"""The columns of an order that change during its life."""


class StoredTrade(HistoryTable, table=True):
    """A public trade; `side` is the taker's."""

    __tablename__ = "trades"
    __table_args__ = (Index("trades_by_market", "market", "trade_id"), STRICT)
    trade_id: int = integer(primary_key=True)
    market_id: int = integer()
    market: str = text()
    price_ticks: int = integer()
    size_lots: int = integer()
    side: str = text()
    sequence: int = integer()
    time_ns: int = integer()


class StoredFill(HistoryTable, table=True):
    """One side's view of a trade."""

    __tablename__ = "fills"
    __table_args__ = (
        Index("fills_by_account", "account_id", "fill_id", "market"),
        Index("fills_by_order", "order_id", "fill_id"),
        STRICT,
    )
    fill_id: int = integer(primary_key=True)
    trade_id: int = integer()
    order_id: int = integer()
    account_id: int = integer()
    client_order_id: str = text()
    market_id: int = integer()
    market: str = text()
    side: str = text()
    liquidity: str = text()
    price_ticks: int = integer()
    size_lots: int = integer()
    fee_units: int = integer()
    sequence: int = integer()
    time_ns: int = integer()


class StoredEntry(HistoryTable, table=True):
    """A ledger entry; `reference` is an order id, a trade id, or the text that came with a transfer."""

    __tablename__ = "entries"
    __table_args__ = (STRICT,)
    entry_id: int = integer(primary_key=True)
    kind: str = text()
    reference: str = text()
    sequence: int = integer()
    time_ns: int = integer()


class StoredPosting(HistoryTable, table=True):
    """One account's line of an entry; `line` counts all lines of the entry from 0, in the order of its events."""

    __tablename__ = "postings"
    __table_args__ = (STRICT_CLUSTERED,)
    account_id: int = integer(primary_key=True)
    entry_id: int = integer(primary_key=True)
    line: int = integer(primary_key=True)
    asset: str = text()
    available_change: int = integer()
    held_change: int = integer()
    available: int = integer()
    held: int = integer()


class StoredWithdrawal(HistoryTable, table=True):
    """A withdrawal as it stands. Empty text or 0 is "not given" or "not yet"."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        Index("withdrawals_by_account", "account_id", "withdrawal_id", "status"),
        Index("withdrawals_by_status", "status", "withdrawal_id"),
        STRICT,
    )
    withdrawal_id: int = integer(primary_key=True)
    account_id: int = integer()
    asset: str = text()
    units: int = integer()
    address: str = text()
    reference: str = text()
    status: str = text()
    entry_id: int = integer()
    available: int = integer()
    held: int = integer()
    confirmations: int = integer()
    created_ns: int = integer()
    updated_ns: int = integer()
    sequence: int = integer()
    approved_ns: int = integer()
    broadcast_ns: int = integer()
    ended_ns: int = integer()
    height: int = integer()
    txid: str = text()
    reason: str | None = text(nullable=True)
    decided_by: int = integer()


class StoredCandle(HistoryTable, table=True):
    """A candle. `volume_steps` counts the last decimal of the lot, `quote_units` atomic units; both are text."""

    __tablename__ = "candles"
    __table_args__ = (STRICT_CLUSTERED,)
    market: str = text(primary_key=True)
    interval: str = text(primary_key=True)
    time_ns: int = integer(primary_key=True)
    market_id: int = integer()
    open_ticks: int = integer()
    high_ticks: int = integer()
    low_ticks: int = integer()
    close_ticks: int = integer()
    volume_steps: str = text()
    quote_units: str = text()
    trades: int = integer()


class StoredBook(HistoryTable, table=True):
    """The last stored order book of a market: a JSON list of [ticks, lots] for each side, best first."""

    __tablename__ = "books"
    __table_args__ = (STRICT,)
    market: str = text(primary_key=True)
    market_id: int = integer()
    sequence: int = integer()
    time_ns: int = integer()
    bids: str = text()
    asks: str = text()
