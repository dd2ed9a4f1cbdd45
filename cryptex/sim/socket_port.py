"""A port to a node, over the SDK: the same bot, a real socket.

What the bot sends goes into a bounded queue and from there to the node, one after the other, so that it arrives in the
order in which it was sent. What the node says comes over subscriptions: a bot that is slow sees the newest state.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cryptex.client.errors import AccessError, CryptexError, OutcomeUnknownError
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.bot import Bot, TapeTrade
from cryptex.sim.port import NewOrder
from cryptex.sim.socket_book import SocketBook, Steps

if TYPE_CHECKING:
    from cryptex.client.exchange import Exchange
    from cryptex.client.replica import FillsReplica, OrdersReplica
    from cryptex.protocol.market import Market
    from cryptex.sim.context import Context

QUEUE_MAX: Final = 1_000
"""Commands that may wait for their turn; what a bot sends beyond that is refused to it."""

BOOK_DEPTH: Final = 100

T = TypeVar("T")
Request = Callable[[], Coroutine[Any, Any, object]]

_log = logging.getLogger("cryptex.sim")


class SocketPort:
    """One bot's way to a node. Use it as: make it, make the bot's Context with it, then `await run(context, bot)`."""

    def __init__(
        self, exchange: Exchange, market: Market, start_ticks: int, key: str, wall: Callable[[], datetime]
    ) -> None:
        """`exchange` is connected and speaks for the bot's user. `key` begins its client_order_ids, and is its own.

        `start_ticks` stands for the mid as long as there is none; `wall` tells the time.
        """
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._start_s = self._loop.time()
        self._key = key
        self._wall = wall
        self._steps = Steps(market)
        self._queue: asyncio.Queue[tuple[int, Request]] = asyncio.Queue(QUEUE_MAX)
        self._order_ids: dict[int, int] = {}
        self._books = exchange.watch_book(market.symbol, BOOK_DEPTH)
        self._trades = exchange.watch_trades(market.symbol)
        self._orders = exchange.watch_orders()
        self._fills = exchange.watch_fills()
        self._last_fill = self._last_trade = 0
        self._context: Context
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self.market = market
        self.book = SocketBook(self._books.replica, self._steps, start_ticks)

    def now(self) -> int:
        """Return the time in nanoseconds since this port was made."""
        return int((self._loop.time() - self._start_s) * NANOSECONDS_PER_SECOND)

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T) -> None:
        """Call `call(argument)` at a time. What it raises ends the run."""
        self._loop.call_at(self._start_s + time_ns / NANOSECONDS_PER_SECOND, self._guarded, call, argument)

    def place(self, order: NewOrder) -> None:
        """Send an order on its way."""
        self._send(order.number, lambda: self._place(order))

    def resize(self, number: int, size_lots: int) -> None:
        """Send a smaller total size of one of the bot's orders on its way."""
        key, size = f"{self._key}{number}", self.market.size_text(size_lots)
        self._send(0, lambda: self._exchange.amend_order(client_order_id=key, size=size))

    def cancel(self, number: int) -> None:
        """Send the cancel of one of the bot's orders on its way."""
        self._send(0, lambda: self._exchange.cancel_order(client_order_id=f"{self._key}{number}"))

    def cancel_all(self) -> None:
        """Send the cancel of all the bot's orders on its way."""
        self._send(0, lambda: self._exchange.cancel_all(self.market.symbol))

    async def run(self, context: Context, bot: Bot) -> None:
        """Let the bot trade until this is canceled; its orders end with it. Raises what the bot or the node raises."""
        self._context = context
        fills, trades = await self._fills.ready(), await self._trades.ready()
        self._last_fill = max((fill.id for fill in fills.fills), default=0)
        self._last_trade = max((trade.id for trade in trades.trades), default=0)
        await self._orders.ready()
        await self._books.ready()
        await self._exchange.cancel_on_disconnect()
        try:
            async with asyncio.TaskGroup() as tasks:
                context.start()
                for work in (self._work(), self._hear_own(), self._watch_failure()):
                    tasks.create_task(work)
                if type(bot).on_book is not Bot.on_book:
                    tasks.create_task(self._hear_books())
                if type(bot).on_trade is not Bot.on_trade:
                    tasks.create_task(self._hear_trades())
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            context.stopped = True

    def _send(self, number: int, request: Request) -> None:
        try:
            self._queue.put_nowait((number, request))
        except asyncio.QueueFull:
            _log.warning("more than %d commands wait: one is dropped", QUEUE_MAX)
            if number:
                self._loop.call_soon(self._context.refused, number)

    async def _work(self) -> None:
        """Send what waits, each when the one before it is answered."""
        while True:
            number, request = await self._queue.get()
            try:
                await request()
            except AccessError:
                raise
            except OutcomeUnknownError as error:
                _log.warning("%s", error)  # the orders that are open will tell
            except CryptexError as error:
                _log.info("%s", error)
                if number:
                    self._context.refused(number)

    async def _place(self, order: NewOrder) -> None:
        expires_at = None
        if order.expires_ns:
            left_s = (order.expires_ns - self.now()) / NANOSECONDS_PER_SECOND
            expires_at = self._wall() + timedelta(seconds=left_s)
        placed = await self._exchange.place_order(
            self.market.symbol,
            order.side,
            self.market.size_text(order.size_lots),
            price=self.market.price_text(order.price_ticks) if order.price_ticks else None,
            type=order.type,
            time_in_force=None if not order.price_ticks else order.time_in_force,
            expires_at=expires_at,
            post_only=order.post_only,
            client_order_id=f"{self._key}{order.number}",
        )
        self._order_ids[order.number] = placed.id
        self._look(self._orders.replica)

    async def _hear_own(self) -> None:
        """Tell the bot of its fills, then of orders that have ended, after each change of either."""
        while True:
            changes = [asyncio.ensure_future(each.changed()) for each in (self._fills, self._orders)]
            try:
                done, _ = await asyncio.wait(changes, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for change in changes:
                    change.cancel()
            for change in done:
                change.result()
            self._look(self._orders.replica)

    def _look(self, orders: OrdersReplica) -> None:
        self._tell_fills(self._fills.replica)
        for number in list(self._context.orders):
            order_id = self._order_ids.get(number)
            order = None if order_id is None else orders.get(order_id)
            own = self._context.orders[number]
            if order is None or order.is_open:
                continue
            if self._steps.lots(order.filled) > own.size_lots - own.remaining_lots:
                continue  # its fills are on their way, and come first
            del self._order_ids[number]
            self._context.ended(number)

    def _tell_fills(self, replica: FillsReplica) -> None:
        for fill in replica.after(self._last_fill):
            self._last_fill = fill.id
            key = fill.client_order_id or ""
            if fill.market == self.market.symbol and key.startswith(self._key):
                self._context.filled(
                    int(key.removeprefix(self._key)),
                    fill.side,
                    self._steps.ticks(fill.price),
                    self._steps.lots(fill.size),
                    fill.liquidity,
                    self._steps.units(fill.fee, fill.fee_asset),
                )

    async def _hear_books(self) -> None:
        async for _ in self._books:
            self._context.book_changed()

    async def _hear_trades(self) -> None:
        async for replica in self._trades:
            for trade in replica.after(self._last_trade):
                self._last_trade = trade.id
                seen = TapeTrade(self._steps.ticks(trade.price), self._steps.lots(trade.size), trade.side)
                self._context.traded(seen)

    def _guarded(self, call: Callable[[T], object], argument: T) -> None:
        try:
            call(argument)
        except Exception as error:
            if not self._failed.done():
                self._failed.set_exception(error)

    async def _watch_failure(self) -> None:
        await self._failed
