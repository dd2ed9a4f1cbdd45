"""A commit that errs or hangs, and a command that breaks the engine: the node ends, comes back and goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cryptex.client import Exchange, Order, OutcomeUnknownError, RefusedError, UnavailableError
from cryptex.client.errors import CryptexError
from cryptex.node.core import FAILED_EXIT_CODE
from cryptex.protocol.problems import Code
from tests.end_to_end.node_process import NodeProcess
from tests.faults.faulty import POISON, Switches

PATIENCE_S = 60
MARKET = "BTC-USDT"
ORDERS = 20


class House:
    """A faulty node, its switches, and a trader whose connection outlives the node."""

    def __init__(self, node: NodeProcess, switches: Switches, exchange: Exchange) -> None:
        self.node = node
        self.switches = switches
        self.exchange = exchange

    async def place(self, key: str) -> Order:
        """Place the order of a key."""
        return await self.exchange.place_order(MARKET, "buy", "0.01", price="50000", client_order_id=key)

    async def come_back(self) -> None:
        """Wait for the node to have ended as one that could not go on, and start it again on its port."""
        self.node.flags = ("--port", str(urlsplit(self.node.url).port))
        assert await asyncio.to_thread(self.node.ended) == FAILED_EXIT_CODE
        await asyncio.to_thread(self.node.start)
        await self.exchange.wait_live()

    async def patiently(self, key: str) -> Order:
        """Place the order of a key as a program does that must: again while the outcome is not known."""
        while True:
            try:
                return await self.place(key)
            except (OutcomeUnknownError, RefusedError, UnavailableError):
                await self.exchange.wait_live()

    async def found(self, key: str) -> Order | None:
        """Return the order of a key, if there is one."""
        try:
            return await self.exchange.order(client_order_id=key)
        except RefusedError as error:
            if error.code is not Code.UNKNOWN_ORDER:
                raise
            return None


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """Start it, and stop it in good order."""
    switches = Switches(folder / "switches")
    async with asyncio.timeout(PATIENCE_S):
        with NodeProcess(folder / "data", program=switches.program) as node:
            user = await asyncio.to_thread(node.user, "ann")
            async with Exchange(node.url, user.token) as exchange:
                yield House(node, switches, exchange)
            assert await asyncio.to_thread(node.stop) == 0


async def outcome(work: Any) -> str:
    """Return `done`, or the code that came of it."""
    try:
        await work
    except CryptexError as error:
        return str(error.code)
    return "done"


async def test_a_commit_of_unknown_outcome_ends_the_node_and_is_resolved_by_its_key(tmp_path: Path) -> None:
    keys = set()
    async with house(tmp_path) as at:
        for how in ("lost", "kept", "hang"):
            at.switches.set("commit", how)
            with pytest.raises(OutcomeUnknownError) as unknown:
                await at.place(how)
            assert unknown.value.client_order_id == how
            at.switches.clear("commit")
            await at.come_back()
            found = await at.found(how)
            assert (found is not None) == (how == "kept")
            again = await at.patiently(how)
            assert again.duplicate == (how == "kept")
            keys.add(how)
            assert {order.client_order_id for order in await at.exchange.open_orders()} == keys
            assert not (tmp_path / "data" / "journal.recover").exists()


async def test_a_poison_is_voided_and_what_was_sent_with_it_survives(tmp_path: Path) -> None:
    keys: set[str | None] = set()
    async with house(tmp_path) as at:
        at.switches.set("poison")
        for written in ("with its void", "void at the next start"):
            if written != "with its void":
                at.switches.set("void")
            mine = [f"{written} {number}" for number in range(ORDERS)]
            async with asyncio.TaskGroup() as group:
                orders = {key: group.create_task(outcome(at.place(key))) for key in mine}
                deposit = group.create_task(outcome(at.exchange.deposit("BTC", "1", reference=POISON)))
            assert deposit.result() == Code.INTERNAL_ERROR
            at.switches.clear("void")
            await at.come_back()  # the engine would break as before, but for the void
            for key, task in orders.items():
                found = await at.found(key)
                assert found is not None or task.result() != "done", "an acknowledged order was lost"
                await at.patiently(key)
            keys.update(mine)
            assert {order.client_order_id for order in await at.exchange.open_orders()} == keys
            [bitcoin] = [each for each in await at.exchange.balances() if each.asset == "BTC"]
            assert bitcoin.balance == Decimal(0)
        at.switches.clear("poison")
        await at.exchange.deposit("BTC", "1", reference="good")
