"""A fake node and an exchange connected to it, with time in the test's hands."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cryptex.client.exchange import Exchange
from cryptex.client.stream import ConnectionState
from tests.client.fake_node import FakeNode, FakeTime


class States:
    """The states an exchange went through, and a way to wait for one."""

    def __init__(self, exchange: Exchange) -> None:
        self.seen: list[ConnectionState] = []
        self._exchange = exchange
        self._changed = asyncio.Event()
        exchange.on_state(self._note)

    async def wait(self, state: ConnectionState) -> None:
        """Wait until the exchange is in a state."""
        async with asyncio.timeout(5):
            while self._exchange.state != state:
                self._changed.clear()
                await self._changed.wait()

    def _note(self, state: ConnectionState) -> None:
        self.seen.append(state)
        self._changed.set()


@pytest.fixture(name="node")
async def _node() -> AsyncIterator[FakeNode]:
    async with FakeNode() as node:
        yield node


@pytest.fixture(name="time")
def _time() -> FakeTime:
    return FakeTime()


@pytest.fixture(name="exchange")
async def _exchange(node: FakeNode, time: FakeTime) -> AsyncIterator[Exchange]:
    exchange = Exchange(node.url, "token", request_timeout_s=2, timing=time.timing)
    try:
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture(name="states")
def _states(exchange: Exchange) -> States:
    return States(exchange)
