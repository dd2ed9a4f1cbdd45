"""Sixty-four clients spend one balance at the same moment: it is spent once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from decimal import Decimal
from functools import partial
from pathlib import Path

from cryptex.client import Exchange
from cryptex.client.errors import CryptexError
from cryptex.client.rest import RestClient
from tests.end_to_end.node_process import NodeProcess

SOCKETS = 16
REQUESTERS = 48
TRIES = 2
BALANCE = Decimal(100_000)
AMOUNT = Decimal(1_500)
SPENDS = int(BALANCE // AMOUNT)
"""More than the half that orders, or the half that withdraws, tries: so both are needed, and some are refused."""

Act = Callable[[int], Awaitable[object]]
"""One client's attempt; the number is that of the attempt."""


class Clients:
    """On websockets and on REST; all of one user."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.threads = ThreadPoolExecutor(REQUESTERS)
        self.sockets: list[Exchange] = []
        self.requesters: list[RestClient] = []

    async def connect(self, url: str, closing: AsyncExitStack) -> None:
        """Open them."""
        closing.enter_context(self.threads)
        for _ in range(SOCKETS):
            self.sockets.append(await closing.enter_async_context(Exchange(url, self.token)))
        self.requesters = [RestClient(url, self.token) for _ in range(REQUESTERS)]

    def order_by_socket(self, exchange: Exchange) -> Act:
        """Return what places an order of AMOUNT that rests."""
        return lambda _: exchange.place_order("BTC-USDT", "buy", "0.03", price="50000")

    def order_by_request(self, client: RestClient) -> Act:
        """Return the same by REST."""
        return self._in_thread(lambda _: client.place_order("BTC-USDT", "buy", "0.03", price="50000"))

    def withdraw(self, client: RestClient) -> Act:
        """Return what withdraws AMOUNT."""
        return self._in_thread(lambda _: client.withdraw("USDT", AMOUNT, "somewhere"))

    def _in_thread(self, call: Callable[[int], object]) -> Act:
        return lambda number: asyncio.get_running_loop().run_in_executor(self.threads, partial(call, number))


async def outcomes(acts: list[Act]) -> Counter[str]:
    """Let all act at once, some times each. Return how often each code came of it; `done` where it was done."""
    count: Counter[str] = Counter()

    async def act(what: Act) -> None:
        for number in range(TRIES):
            try:
                await what(number)
                count["done"] += 1
            except CryptexError as error:
                count[error.code] += 1

    async with asyncio.TaskGroup() as group:
        for each in acts:
            group.create_task(act(each))
    return count


async def test_orders_and_withdrawals_spend_a_balance_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        node = closing.enter_context(NodeProcess(tmp_path / "data"))
        user = await asyncio.to_thread(node.user, "ann")
        clients = Clients(user.token or "")
        await clients.connect(node.url, closing)
        acts = [clients.order_by_socket(exchange) for exchange in clients.sockets]
        acts += [clients.order_by_request(client) for client in clients.requesters[:SOCKETS]]
        acts += [clients.withdraw(client) for client in clients.requesters[SOCKETS:]]
        count = await outcomes(acts)
        assert count == {"done": SPENDS, "insufficient_funds": TRIES * len(acts) - SPENDS}
        [dollars] = [each for each in await asyncio.to_thread(user.wallet) if each.asset == "USDT"]
        assert dollars.available == BALANCE - SPENDS * AMOUNT
        orders = len(await clients.sockets[0].open_orders())
        assert orders * AMOUNT <= dollars.held <= SPENDS * AMOUNT, "withdrawals hold until they are confirmed"
        assert dollars.held % AMOUNT == 0
        assert 0 < orders < SPENDS, "both ways of spending were there"
        assert await asyncio.to_thread(node.stop) == 0


async def test_a_key_places_one_order_however_many_use_it(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        node = closing.enter_context(NodeProcess(tmp_path / "data"))
        user = await asyncio.to_thread(node.user, "ann")
        clients = Clients(user.token or "")
        await clients.connect(node.url, closing)
        ids: set[int] = set()

        async def place(way: Exchange | RestClient, number: int) -> None:
            call = partial(way.place_order, "BTC-USDT", "buy", "0.03", price="50000", client_order_id=f"key{number}")
            if isinstance(way, Exchange):
                ids.add((await call()).id)
            else:
                ids.add((await asyncio.get_running_loop().run_in_executor(clients.threads, call)).id)

        count = await outcomes([partial(place, way) for way in (*clients.sockets, *clients.requesters)])
        assert count == {"done": TRIES * (SOCKETS + REQUESTERS)}
        assert len(ids) == TRIES
        assert await asyncio.to_thread(node.stop) == 0
