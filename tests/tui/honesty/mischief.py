"""A scripted server that does harm: it drops, doubles, delays, reorders and corrupts updates, and cuts the connection.

The socket is real, and so is the SDK on its other end; only what the node would say over REST is made up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed

from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Candle, Entry, Fill, Health, Market, Me, Order, Page
from cryptex.protocol.channels import (
    BookMessage,
    CandlesMessage,
    FillsMessage,
    OrdersMessage,
    TickerMessage,
    TradesMessage,
    WalletMessage,
)
from cryptex.protocol.terms import Interval
from tests.client.fake_node import Asked, FakeNode, FakeTime
from tests.tui.fake_exchange import MARKETS, MOMENT, TIME
from tests.tui.honesty.own_truth import TradesTruth, WalletTruth
from tests.tui.honesty.truth import MARKET, BookTruth, OrdersTruth
from tests.tui.scenes import ticker_view

Message = BookMessage | OrdersMessage | TradesMessage | WalletMessage
PATIENCE_S = 10


class ScriptedExchange(Exchange):
    """The SDK, save that history and people are not asked for over REST."""

    async def use_token(self, token: str) -> None:
        """Take any token."""

    async def me(self) -> Me:
        return Me(1, "alice", None, MOMENT, ("read", "trade"))

    async def health(self) -> Health:
        return Health("ready", 1, 1, "0.1.0")

    async def markets(self) -> list[Market]:
        return MARKETS[:1]

    async def candles(self, market: str, interval: Any = Interval.M1, **_: Any) -> Page[Candle]:
        return Page([])

    async def orders(self, **_: Any) -> Page[Order]:
        return Page([])

    async def fills(self, **_: Any) -> Page[Fill]:
        return Page([])

    async def entries(self, **_: Any) -> Page[Entry]:
        return Page([])


class Mischief:
    """The server. `quiet` keeps it from answering subscriptions, so that what is broken stays broken."""

    def __init__(self, node: FakeNode, random: Random) -> None:
        self.node = node
        self.random = random
        self.book = BookTruth(random)
        self.orders = OrdersTruth(random)
        self.trades = TradesTruth(random)
        self.wallet = WalletTruth(random)
        self.quiet = False
        self._held: list[Message] = []
        self._unanswered: list[Asked] = []

    @property
    def truths(self) -> tuple[BookTruth, OrdersTruth, TradesTruth, WalletTruth]:
        """All that can be told wrongly."""
        return self.book, self.orders, self.trades, self.wallet

    async def answer(self) -> None:
        """Send the snapshot of each subscription, for ever."""
        while True:
            asked = await self.node.asked.get()
            if asked.method != "subscribe":
                continue
            if self.quiet:
                self._unanswered.append(asked)
            else:
                await self.send(self._snapshot(asked))

    async def speak(self) -> None:
        """Answer subscriptions again, those included that were kept waiting."""
        self.quiet = False
        waiting, self._unanswered = self._unanswered, []
        for asked in waiting:
            await self.send(self._snapshot(asked))

    async def send(self, message: object) -> None:
        """Send a message, if anybody is there."""
        with suppress(ConnectionClosed):
            await self.node.send(message)

    async def step(self) -> str:
        """Let something happen, and what is said of it go wrong by chance; return how."""
        [happening] = self.random.choices(self.truths, [55, 15, 15, 15])
        message: Message = happening.step()
        harm = self.random.choices(
            ["none", "drop", "double", "hold", "corrupt", "cut", "restart", "resync"], [60, 8, 6, 8, 6, 4, 4, 4]
        )[0]
        if harm == "none":
            await self.send(message)
            await self.release()
        elif harm == "double":
            await self.send(message)
            await self.send(message)
        elif harm == "hold":
            self._held.append(message)
        elif harm == "corrupt":
            await self.send(corrupted(message))
        elif harm == "cut":
            self.node.drop()
        elif harm == "restart":
            for truth in self.truths:
                truth.restart()
            self.node.drop()
        elif harm == "resync":
            await self.resync()
        return harm

    async def release(self) -> None:
        """Send what was held back, late and out of order."""
        held, self._held = self._held, []
        for message in held:
            await self.send(message)

    async def resync(self) -> None:
        """Say that updates were left out, and begin anew, as a node does for a slow reader."""
        for truth in self.truths:
            snapshot = truth.snapshot()
            await self.send(msgspec.structs.replace(snapshot, type="resync"))
            await self.send(snapshot)

    def _snapshot(self, asked: Asked) -> object:
        given: dict[str, Any] = {"type": "snapshot", "epoch": 1, "sequence": 1, "time": TIME}
        match asked.params.channel:
            case "book":
                return self.book.snapshot()
            case "orders":
                return self.orders.snapshot()
            case "wallet":
                return self.wallet.snapshot()
            case "fills":
                return FillsMessage(**given, fills=[])
            case "trades":
                return self.trades.snapshot()
            case "ticker":
                return TickerMessage(**given, market=MARKET, ticker=ticker_view(MARKET))
            case _:
                return CandlesMessage(**given, market=MARKET, interval=Interval.M1, candles=[])


def corrupted(message: Message) -> Message:
    """Return a message in which something is not as it was; that can always be noticed."""
    if not isinstance(message, BookMessage):
        field = type(message).__struct_fields__[-1]
        return msgspec.structs.replace(message, **{field: "nonsense"})
    bids = [*(message.bids or []), ("59999.99", "7.77000")]
    return msgspec.structs.replace(message, bids=bids)


async def settled(exchange: Exchange) -> None:
    """Wait until the SDK is connected and has taken what the server sent before."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await exchange.wait_live()
            with suppress(CryptexError):
                await exchange.ping()
                return
            await asyncio.sleep(0)  # the loss is known to the socket, and not yet to the stream


@asynccontextmanager
async def harmful(seed: int) -> AsyncIterator[tuple[Mischief, ScriptedExchange, FakeTime]]:
    """Run the server, and an exchange that is not connected to it yet."""
    time = FakeTime()
    async with FakeNode() as node:
        mischief = Mischief(node, Random(seed))
        answering = asyncio.create_task(mischief.answer())
        exchange = ScriptedExchange(node.url, "token", request_timeout_s=PATIENCE_S, timing=time.timing)
        try:
            yield mischief, exchange, time
        finally:
            await exchange.close()
            answering.cancel()
