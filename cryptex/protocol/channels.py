"""Websocket messages from the node: replies, and the snapshots and updates of the channels."""

from typing import Literal
from zlib import crc32

import msgspec

from cryptex.protocol.problems import Problem
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import (
    BalanceView,
    CandleView,
    FillView,
    LevelView,
    OrderView,
    TickerView,
    TradeView,
)

CHECKSUM_LEVELS = 10
"""Levels of each side that a checksum covers."""

MessageType = Literal["snapshot", "update", "resync"]


RequestId = int | str | None
"""What a reply carries of its request."""


class DoneReply(msgspec.Struct, frozen=True):
    """A request was done; `time` is the log time of its command, where it was one."""

    id: RequestId
    ok: bool
    result: object
    time: str


class ErrorReply(msgspec.Struct, frozen=True):
    """A request was not done."""

    id: RequestId
    error: Problem
    time: str
    ok: bool = False


class BookMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="book", omit_defaults=True):
    """Levels of a book: all of them (snapshot) or those that changed (update; size 0 removes).

    A resync has no levels: a snapshot follows.
    """

    market: str
    depth: int
    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    bids: list[LevelView] | None = None
    asks: list[LevelView] | None = None
    checksum: int | None = None


class TradesMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="trades", omit_defaults=True):
    """Public trades, oldest first."""

    market: str
    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    trades: list[TradeView] | None = None


class TickerMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="ticker", omit_defaults=True):
    """The ticker of a market."""

    market: str
    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    ticker: TickerView | None = None


class CandlesMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="candles", omit_defaults=True):
    """Candles, oldest first; an update replaces the candle of the same time or adds one."""

    market: str
    interval: Interval
    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    candles: list[CandleView] | None = None


class OrdersMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="orders", omit_defaults=True):
    """Execution reports: orders as they stand now, oldest change first."""

    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    orders: list[OrderView] | None = None


class FillsMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="fills", omit_defaults=True):
    """Own fills, oldest first."""

    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    fills: list[FillView] | None = None


class WalletMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="wallet", omit_defaults=True):
    """Balances: all (snapshot) or those that changed (update)."""

    type: MessageType
    epoch: int
    sequence: int
    time: str
    prev: int | None = None
    balances: list[BalanceView] | None = None


class StatusMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="channel", tag="status"):
    """News of the node itself."""

    type: Literal["shutdown"]


ChannelMessage = (
    BookMessage
    | TradesMessage
    | TickerMessage
    | CandlesMessage
    | OrdersMessage
    | FillsMessage
    | WalletMessage
    | StatusMessage
)


class LoginResult(msgspec.Struct, frozen=True):
    """Whom a websocket now speaks for."""

    user_id: int
    username: str
    epoch: int


class PongResult(msgspec.Struct, frozen=True):
    """The answer to ping."""

    epoch: int
    sequence: int


class SubscribeResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was subscribed to, or no longer is.

    `resumed` answers `since`: what was missed follows, which may be nothing; else a snapshot does.
    """

    channel: str
    markets: list[str]
    resumed: bool = False


class CancelAfterResult(msgspec.Struct, frozen=True):
    """When the dead man's switch fires; None when it is off."""

    fires_at: str | None


class CancelOnDisconnectResult(msgspec.Struct, frozen=True):
    """Whether this connection's orders are tied to it."""

    enabled: bool


def book_checksum(bids: list[LevelView], asks: list[LevelView]) -> int:
    """Return the unsigned CRC-32 of the ten best bids, then the ten best asks, as `price:size` joined by `|`."""
    levels = bids[:CHECKSUM_LEVELS] + asks[:CHECKSUM_LEVELS]
    return crc32("|".join([f"{price}:{size}" for price, size in levels]).encode("ascii"))
