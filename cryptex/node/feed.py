"""The fan-out: after each batch, one message a channel that changed, encoded once for all who listen to it."""

from collections import OrderedDict
from typing import Final, TypeVar

from cryptex.node.backlog import BACKLOGS_BYTES_MAX, Budget
from cryptex.node.channel import AccountKey, Key, LiveChannel, MarketKey
from cryptex.node.connection import Connection, Slowness
from cryptex.node.core import Core
from cryptex.node.digest import AccountChanges, Digest, MarketChanges
from cryptex.node.private_topics import AccountTopic, FillsTopic, OrdersTopic, WalletTopic
from cryptex.node.sequencer import Applied
from cryptex.node.topics import BookTopic, CandlesTopic, MarketTopic, Stamp, TickerTopic, TradesTopic
from cryptex.protocol.requests import Channel, Since
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_text

K = TypeVar("K")
T = TypeVar("T")

LINGER_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""How long a channel goes on after its last subscriber, so that who lost a connection can ask for what it missed."""

LINGERING_MAX: Final = 1_000
"""Channels that go on with nobody there; beyond it the one left longest ends."""

LINGERING_BYTES_MAX: Final = BACKLOGS_BYTES_MAX // 2
"""While backlogs hold more text than this, channels with nobody there end at once, the one left longest first."""

PRIVATE: Final[frozenset[Channel]] = frozenset({"orders", "fills", "wallet"})
_ACCOUNT_TOPICS: Final[dict[Channel, type[AccountTopic]]] = {
    "orders": OrdersTopic,
    "fills": FillsTopic,
    "wallet": WalletTopic,
}

_MarketChannel = LiveChannel[MarketChanges]
_AccountChannel = LiveChannel[AccountChanges]


class Feed:
    """Channels in use, or used a moment ago; all others cost nothing. `publish` never waits."""

    def __init__(self, core: Core) -> None:
        self.slowness = Slowness()
        self._core = core
        self._budget = Budget()
        self._channels: dict[Key, _MarketChannel | _AccountChannel] = {}
        self._by_market: dict[str, list[_MarketChannel]] = {}
        self._by_account: dict[int, list[_AccountChannel]] = {}
        self._lingering: OrderedDict[Key, int] = OrderedDict()

    @property
    def subscriptions(self) -> int:
        """How many subscriptions all connections have."""
        return sum(map(len, self._channels.values()))

    def publish(self, batch: list[Applied]) -> None:
        """Tell subscribers what a batch changed. Called between the batch's end and its replies."""
        if self._lingering:
            self._end_lingering()
        if not self._channels or not batch:
            return
        digest = Digest(self._by_market, self._by_account)
        for applied in batch:
            digest.add(applied)
        if not digest.markets and not digest.accounts:
            return
        last = batch[-1]
        stamp = Stamp(self._core.epoch, last.sequence, time_text(last.time_ns))
        failed: list[Key] = []
        for symbol, market_changes in digest.markets.items():
            for market_channel in self._by_market[symbol]:
                market_channel.publish(market_changes, stamp)
                if market_channel.failed:
                    failed.append(market_channel.key)
        for account_id, account_changes in digest.accounts.items():
            # What a channel tells counts as told: a read of history that follows shows it too.
            self._core.sequencer.acknowledged[account_id] = stamp.sequence
            for account_channel in self._by_account[account_id]:
                account_channel.publish(account_changes, stamp)
                if account_channel.failed:
                    failed.append(account_channel.key)
        for key in failed:
            self._end(key)

    def missed(self, key: Key, since: Since) -> list[bytes] | None:
        """Return the updates of a channel after a message that a client has; None where it needs a snapshot."""
        if since.epoch != self._core.epoch:
            return None
        channel = self._channels.get(key)
        if channel is None or channel.failed:  # a new chain begins here
            return [] if since.sequence == self._core.exchange.sequence else None
        return channel.missed(since.sequence)

    def subscribe(self, connection: Connection, key: Key, since: Since | None = None) -> None:
        """Send a connection the snapshot of a channel, or all after `since`, and its updates from then on."""
        missed = None if since is None else self.missed(key, since)
        channel = self._channels.get(key)
        if channel is None or channel.failed:
            self._end(key)
            channel = self._open(key)
        try:
            channel.subscribe(connection, missed)
        except Exception:
            if not len(channel):
                self._end(key)
            raise
        self._lingering.pop(key, None)

    def unsubscribe(self, connection: Connection, key: Key) -> None:
        """Send a connection no more of a channel."""
        channel = self._channels.get(key)
        if channel is None:
            return
        channel.unsubscribe(connection)
        if channel.failed:
            self._end(key)
        elif not len(channel) and key not in self._lingering:
            self._lingering[key] = self._core.clock.now_ns() + LINGER_NS
            self._end_lingering()

    def _end_lingering(self) -> None:
        now_ns = self._core.clock.now_ns()
        while self._lingering:
            key, until_ns = next(iter(self._lingering.items()))
            crowded = len(self._lingering) > LINGERING_MAX or self._budget.used > LINGERING_BYTES_MAX
            if now_ns < until_ns and not crowded:
                return
            self._end(key)

    def _end(self, key: Key) -> None:
        self._lingering.pop(key, None)
        channel = self._channels.pop(key, None)
        if channel is None:
            return
        channel.end()
        if isinstance(key, MarketKey):
            _remove(self._by_market, key.market, key)
        else:
            _remove(self._by_account, key.account_id, key)

    def _open(self, key: Key) -> _MarketChannel | _AccountChannel:
        exchange = self._core.exchange
        stamp = Stamp(self._core.epoch, exchange.sequence, time_text(exchange.time_ns))
        if isinstance(key, AccountKey):
            account_topic = _ACCOUNT_TOPICS[key.channel](self._core, stamp, key.account_id)
            account_channel = _AccountChannel(key, account_topic, self._budget)
            self._channels[key] = account_channel
            self._by_account.setdefault(key.account_id, []).append(account_channel)
            return account_channel
        market_channel = _MarketChannel(key, self._market_topic(key, stamp), self._budget)
        self._channels[key] = market_channel
        self._by_market.setdefault(key.market, []).append(market_channel)
        return market_channel

    def _market_topic(self, key: MarketKey, stamp: Stamp) -> MarketTopic:
        if key.channel == "book":
            return BookTopic(self._core, stamp, key.market, key.depth)
        if key.channel == "candles":
            return CandlesTopic(self._core, stamp, key.market, key.interval)
        kind = TradesTopic if key.channel == "trades" else TickerTopic
        return kind(self._core, stamp, key.market)


def _remove(channels: dict[K, list[LiveChannel[T]]], name: K, key: Key) -> None:
    """Take a channel out of those of its market or account."""
    left = [channel for channel in channels[name] if channel.key != key]
    if left:
        channels[name] = left
    else:
        del channels[name]
