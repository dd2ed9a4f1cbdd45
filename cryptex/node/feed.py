"""The fan-out: after each batch, one message a channel that changed, encoded once for all who listen to it."""

import logging
from typing import Final, TypeVar

import msgspec

from cryptex.node.connection import INTERNAL_ERROR, Connection
from cryptex.node.core import Core
from cryptex.node.digest import Digest
from cryptex.node.private_topics import AccountTopic, FillsTopic, OrdersTopic, WalletTopic
from cryptex.node.sequencer import Applied
from cryptex.node.topics import (
    BookTopic,
    C,
    CandlesTopic,
    MarketTopic,
    Stamp,
    TickerTopic,
    Topic,
    TradesTopic,
)
from cryptex.protocol.channels import ChannelMessage
from cryptex.protocol.codec import encode_json
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT, Channel
from cryptex.protocol.terms import Interval
from cryptex.protocol.times import time_text

K = TypeVar("K")
T = TypeVar("T")

_log: Final = logging.getLogger(__name__)

PRIVATE: Final[frozenset[Channel]] = frozenset({"orders", "fills", "wallet"})
_ACCOUNT_TOPICS: Final[dict[Channel, type[AccountTopic]]] = {
    "orders": OrdersTopic,
    "fills": FillsTopic,
    "wallet": WalletTopic,
}


class MarketKey(msgspec.Struct, frozen=True):
    """What a subscription to a market's channel names; depth is a book's, interval is candles'."""

    channel: Channel
    market: str
    depth: int = BOOK_DEPTH_DEFAULT
    interval: Interval = Interval.M1


class AccountKey(msgspec.Struct, frozen=True):
    """What a subscription to a private channel names."""

    channel: Channel
    account_id: int


Key = MarketKey | AccountKey


class Feed:
    """Channels in use and their subscribers. Channels nobody listens to cost nothing; `publish` never waits."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._topics: dict[Key, MarketTopic | AccountTopic] = {}
        self._by_market: dict[str, list[MarketTopic]] = {}
        self._by_account: dict[int, list[AccountTopic]] = {}

    def publish(self, batch: list[Applied]) -> None:
        """Tell subscribers what a batch changed. Called between the batch's end and its replies."""
        if not self._topics or not batch:
            return
        digest = Digest(self._by_market, self._by_account)
        for applied in batch:
            digest.add(applied)
        if not digest.markets and not digest.accounts:
            return
        last = batch[-1]
        stamp = Stamp(self._core.epoch, last.sequence, time_text(last.time_ns))
        for symbol, market_changes in digest.markets.items():
            for market_topic in self._by_market[symbol]:
                _tell(market_topic, market_changes, stamp)
        for account_id, account_changes in digest.accounts.items():
            # What a channel tells counts as told: a read of history that follows shows it too.
            self._core.sequencer.acknowledged[account_id] = stamp.sequence
            for account_topic in self._by_account[account_id]:
                _tell(account_topic, account_changes, stamp)

    def subscribe(self, connection: Connection, key: Key) -> None:
        """Send a connection the snapshot of a channel, and its updates from then on."""
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = self._open(key)
        topic.subscribers[connection] = None
        connection.put(_encode(topic.snapshot()))

    def unsubscribe(self, connection: Connection, key: Key) -> None:
        """Send a connection no more of a channel."""
        topic = self._topics.get(key)
        if topic is None:
            return
        topic.subscribers.pop(connection, None)
        if not topic.subscribers:
            del self._topics[key]
            if isinstance(topic, MarketTopic):
                _remove(self._by_market, topic.symbol, topic)
            else:
                _remove(self._by_account, topic.account_id, topic)

    def _open(self, key: Key) -> MarketTopic | AccountTopic:
        exchange = self._core.exchange
        stamp = Stamp(self._core.epoch, exchange.sequence, time_text(exchange.time_ns))
        if isinstance(key, AccountKey):
            account_topic = _ACCOUNT_TOPICS[key.channel](self._core, stamp, key.account_id)
            self._by_account.setdefault(key.account_id, []).append(account_topic)
            return account_topic
        market_topic = self._market_topic(key, stamp)
        self._by_market.setdefault(key.market, []).append(market_topic)
        return market_topic

    def _market_topic(self, key: MarketKey, stamp: Stamp) -> MarketTopic:
        if key.channel == "book":
            return BookTopic(self._core, stamp, key.market, key.depth)
        if key.channel == "candles":
            return CandlesTopic(self._core, stamp, key.market, key.interval)
        kind = TradesTopic if key.channel == "trades" else TickerTopic
        return kind(self._core, stamp, key.market)


def _tell(topic: Topic[C], changes: C, stamp: Stamp) -> None:
    """Tell one channel's subscribers. A fault in it costs them their connection, and nobody else anything."""
    try:
        message = topic.update(changes, stamp)
        text = None if message is None else _encode(message)
    except Exception:
        _log.exception("a channel failed and its subscribers are closed")
        for connection in topic.subscribers:
            connection.close(INTERNAL_ERROR, "a fault of the exchange")
        return
    if text is None:
        return
    topic.stamp = stamp
    for connection in topic.subscribers:
        connection.put(text)


def _encode(message: ChannelMessage) -> str:
    return encode_json(message).decode()


def _remove(topics: dict[K, list[T]], key: K, topic: T) -> None:
    topics[key].remove(topic)
    if not topics[key]:
        del topics[key]
