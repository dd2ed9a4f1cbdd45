"""Property: whoever loses connections and comes back with `since` ends with the replicas of who never did."""

import asyncio
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from cryptex.client.book_replica import BookReplica
from cryptex.client.chain import Gap
from cryptex.client.replica import (
    CandlesReplica,
    FillsReplica,
    OrdersReplica,
    TickerReplica,
    TradesReplica,
    WalletReplica,
)
from cryptex.client.subscription import Feed as ClientFeed
from cryptex.client.subscription import FeedKey, key_of
from cryptex.node import backlog, connection
from cryptex.node.applied import Applied
from cryptex.node.channel import AccountKey, Key, MarketKey
from cryptex.node.clock import ManualClock
from cryptex.node.connection import Connection
from cryptex.node.feed import Feed
from cryptex.node.wire import AsgiWire
from cryptex.protocol.channels import ChannelMessage, StatusMessage
from cryptex.protocol.commands import CancelAll, Command
from cryptex.protocol.requests import Since
from cryptex.protocol.terms import Interval, Side
from cryptex.store.journal import MemoryJournal
from tests.node.house import MARKET, configured, limit, open_account

ANNA, BELA = 1, 2
LONGER_THAN_LINGER_S = 61.0
_decoder = msgspec.json.Decoder(ChannelMessage)


class _Acknowledged:
    def __init__(self) -> None:
        self.acknowledged: dict[int, int] = {}


class World:
    """What a feed sees of a core: an exchange and its folds, without journal or sequencer."""

    epoch = 1

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.exchange, self.market_data, self.recent = configured(MemoryJournal(), self.clock)
        self.epoch = self.exchange.epoch
        self.sequencer = _Acknowledged()
        self.feed = Feed(self)  # type: ignore[arg-type]
        self.run([open_account("anna"), open_account("bela")])

    def run(self, commands: list[Command]) -> None:
        """Apply a batch and publish it."""
        batch: list[Applied] = []
        for command in commands:
            time_ns = self.exchange.time_ns + 1_000_000
            batch.append(Applied(self.exchange.sequence + 1, time_ns, self.exchange.apply(time_ns, command)))
        for sequence, time_ns, events in batch:
            self.market_data.apply(sequence, time_ns, events)
            self.recent.apply(sequence, time_ns, events)
        self.recent.add_closed(self.exchange.take_closed())
        self.feed.publish(batch)


KEYS: dict[FeedKey, Key] = {
    FeedKey("book", MARKET, depth=10): MarketKey("book", MARKET, 10),
    FeedKey("trades", MARKET): MarketKey("trades", MARKET),
    FeedKey("ticker", MARKET): MarketKey("ticker", MARKET),
    FeedKey("candles", MARKET, interval=Interval.M1): MarketKey("candles", MARKET),
    FeedKey("orders"): AccountKey("orders", ANNA),
    FeedKey("fills"): AccountKey("fills", ANNA),
    FeedKey("wallet"): AccountKey("wallet", ANNA),
}


class Client:
    """An SDK's feeds on one connection after the other; `gate` holds back what the node writes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.feeds: dict[FeedKey, ClientFeed[Any]] = {
            key: ClientFeed(key, replica)
            for key, replica in zip(
                KEYS,
                [
                    BookReplica(MARKET, 10),
                    TradesReplica(MARKET),
                    TickerReplica(MARKET),
                    CandlesReplica(MARKET, Interval.M1),
                    OrdersReplica(),
                    FillsReplica(),
                    WalletReplica(),
                ],
                strict=True,
            )
        }
        self.gate = asyncio.Event()
        self.gate.set()
        self.connection: Connection | None = None
        self.writer: asyncio.Task[None] | None = None
        self.snapshots = self.resumed = self.gaps = 0

    async def _receive(self) -> Message:
        raise NotImplementedError("nothing is asked here")

    async def _send(self, message: Message) -> None:
        await self.gate.wait()
        if message["type"] != "websocket.send":
            return
        decoded = _decoder.decode(message["text"])
        assert not isinstance(decoded, StatusMessage)
        self.snapshots += decoded.type == "snapshot"
        try:
            self.feeds[key_of(decoded)].take(decoded, 0.0)
        except Gap:
            self.gaps += 1

    def join(self, *, reply_first: bool = True) -> None:
        """Connect and subscribe, as the SDK does; the node's reply may be read before or after what follows it."""
        if self.connection is not None:
            return
        self.connection = Connection(AsgiWire(self._receive, self._send), self.world.feed.slowness)
        self.writer = self.connection.start()
        for key, feed in self.feeds.items():
            place = feed.since()
            since = None if place is None else Since(place["epoch"], place["sequence"])
            resumed = since is not None and self.world.feed.missed(KEYS[key], since) is not None
            self.world.feed.subscribe(self.connection, KEYS[key], since)
            self.resumed += resumed
            if resumed and reply_first:
                feed.resume(0.0)
            elif resumed:
                asyncio.get_running_loop().call_soon(feed.resume, 0.0)

    async def leave(self) -> None:
        """Lose the connection, with all that is still on its way."""
        if self.connection is None or self.writer is None:
            return
        self.writer.cancel()
        await asyncio.gather(self.writer, return_exceptions=True)
        for key in KEYS.values():
            self.world.feed.unsubscribe(self.connection, key)
        for feed in self.feeds.values():
            feed.offline()
        self.connection = None

    async def settle(self) -> None:
        """Read everything."""
        self.gate.set()
        opened = self.connection
        for _ in range(100):
            await asyncio.sleep(0)
        assert opened is not None
        assert not opened._outbox
        assert not opened._behind

    def holds(self) -> dict[str, object]:
        """Return all that the replicas hold."""
        book, trades, ticker, candles, orders, fills, wallet = (feed.replica for feed in self.feeds.values())
        assert all(feed.live for feed in self.feeds.values())
        return {
            "book": (book.bids, book.asks),
            "trades": list(trades.trades),
            # A snapshot says when it was made, not when the ticker last changed.
            "ticker": {**msgspec.structs.asdict(ticker.ticker), "time": None},
            "candles": candles.candles,
            "open": orders.open,
            "closed": {order.id: order for order in orders.closed},
            "fills": list(fills.fills),
            "wallet": wallet.balances,
        }


ORDERS = st.builds(
    lambda account_id, side, price, size: limit(account_id, side, 6_000_000 + 100 * price, size * 1_000),
    st.sampled_from([ANNA, BELA]),
    st.sampled_from(list(Side)),
    st.integers(-8, 8),
    st.integers(1, 5),
)
BATCHES = st.lists(st.one_of(ORDERS, ORDERS, ORDERS, st.builds(CancelAll, st.just(ANNA))), min_size=1, max_size=3)
STEPS = st.lists(
    st.one_of(
        BATCHES,
        BATCHES,
        BATCHES,
        st.sampled_from(["leave", "join", "join late reply", "stall", "read", "turn", "long"]),
    ),
    max_size=40,
)


async def _step(step: Any, world: World, client: Client) -> None:
    if isinstance(step, list):
        world.run(step)
    elif step == "leave":
        await client.leave()
    elif step.startswith("join"):
        client.join(reply_first=step == "join")
    elif step == "long":
        world.clock.advance(LONGER_THAN_LINGER_S)
    elif step == "turn":
        await asyncio.sleep(0)
    else:
        (client.gate.set if step == "read" else client.gate.clear)()


async def _live(steps: list[Any]) -> None:
    world = World()
    undisturbed, client = Client(world), Client(world)
    undisturbed.join()
    client.join()
    for step in steps:
        await _step(step, world, client)
        await undisturbed.settle()
    client.join()
    await client.settle()
    assert client.holds() == undisturbed.holds()
    assert client.gaps == 0, "the node's chain has no holes"
    await client.leave()
    await undisturbed.leave()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_random_losses_leave_the_replicas_of_an_undisturbed_client(steps: list[Any]) -> None:
    with patch.object(backlog, "UPDATES_KEPT_MAX", 6), patch.object(connection, "OUTBOX_SOFT_MESSAGES", 12):
        asyncio.run(_live(steps))


async def test_who_comes_back_soon_gets_no_snapshots() -> None:
    world = World()
    undisturbed, client = Client(world), Client(world)
    undisturbed.join()
    client.join()
    for side in (Side.BUY, Side.SELL, Side.SELL):
        world.run([limit(ANNA if side is Side.BUY else BELA, side, 6_000_000)])
        await client.settle()
        await client.leave()
        world.run([limit(ANNA, Side.BUY, 5_000_000)])
        client.join()
        await client.settle()
    await undisturbed.settle()
    assert client.snapshots == len(KEYS)
    assert client.resumed == 3 * len(KEYS)
    assert client.holds() == undisturbed.holds()
    await client.leave()
    await undisturbed.leave()


async def test_a_channel_ends_some_time_after_its_last_subscriber() -> None:
    world = World()
    client = Client(world)
    client.join()
    await client.settle()
    await client.leave()
    assert world.feed.subscriptions == 0
    world.run([limit(ANNA, Side.BUY, 6_000_000)])
    assert len(world.feed._channels) == len(KEYS)
    world.clock.advance(LONGER_THAN_LINGER_S)
    world.run([limit(ANNA, Side.BUY, 6_000_000)])
    assert [world.feed._channels, world.feed._by_market, world.feed._by_account] == [{}, {}, {}]
    assert world.feed._budget.used == 0
    client.join()
    await client.settle()
    assert client.snapshots == 2 * len(KEYS)
    await client.leave()


async def test_another_epoch_needs_snapshots() -> None:
    world = World()
    assert world.feed.missed(MarketKey("trades", MARKET), Since(world.epoch, world.exchange.sequence)) == []
    assert world.feed.missed(MarketKey("trades", MARKET), Since(world.epoch + 1, world.exchange.sequence)) is None
    assert world.feed.missed(MarketKey("trades", MARKET), Since(world.epoch, world.exchange.sequence - 1)) is None
