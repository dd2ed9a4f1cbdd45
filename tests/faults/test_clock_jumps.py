"""A wall clock that jumps by an hour, either way: log time never goes back, and what is timed follows log time."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from cryptex.client import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.node.applied import Applied
from cryptex.protocol.commands import Command
from cryptex.protocol.events import OrderAccepted, OrderEnded
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, EndReason
from cryptex.protocol.times import time_text
from tests.end_to_end.node_process import NodeProcess
from tests.faults.faulty import Switches
from tests.faults.money import check_money
from tests.node.edge import Edge, edge, limit

HOUR_S = 3600
JUMPS = 60
SEED = 5


class LogTimes:
    """What a journal says of its own time."""

    def __init__(self) -> None:
        self.last_ns = 0
        self.expires_ns: dict[int, int] = {}
        self.expired = 0
        self.late_ns_max = 0

    def watch(self, command: Command, applied: Applied) -> None:
        """Check a command's time, and that of the orders that it ended."""
        assert applied.time_ns > self.last_ns, f"log time went back at {applied.sequence}"
        previous_ns, self.last_ns = self.last_ns, applied.time_ns
        for event in applied.events:
            if isinstance(event, OrderAccepted) and event.request.expires_ns:
                self.expires_ns[event.order_id] = event.request.expires_ns
            elif isinstance(event, OrderEnded) and event.reason is EndReason.EXPIRED:
                assert previous_ns < self.expires_ns.pop(event.order_id) <= applied.time_ns, "not at its time"
                self.expired += 1
        assert all(expires_ns > applied.time_ns for expires_ns in self.expires_ns.values()), "expired and still open"


def expires_at(node: Edge, seconds: int) -> str:
    """Return a time so many seconds after log time, as it will be."""
    now_ns = max(node.core.exchange.time_ns, node.clock.now_ns())
    return time_text(now_ns + seconds * NANOSECONDS_PER_SECOND)


async def place(node: Edge, token: str, expires: str | None = None) -> str:
    """Place an order, that expires perhaps; return `placed`, or the code it was refused with."""
    more = {"time_in_force": "gtd", "expires_at": expires} if expires else {}
    order = limit("BTC-USDT", "buy", "0.001", "50000", **more)
    answer = await node.ask("POST", "/orders", order, token=token)
    return "placed" if answer.status == 201 else str(answer.json()["code"])


async def test_expiries_follow_log_time_through_jumps_of_an_hour(tmp_path: Path) -> None:
    random, data_dir = Random(SEED), tmp_path / "data"
    async with edge(data_dir) as node:
        _, token = await node.user("ann")
        for _ in range(JUMPS):
            for _ in range(3):
                assert await place(node, token, expires_at(node, random.randint(1, 2 * HOUR_S))) == "placed"
            node.clock.advance(random.choice([-HOUR_S, HOUR_S, random.randint(-HOUR_S, HOUR_S)]))
        core = node.core
    times = LogTimes()
    replayed = check_money(data_dir, times.watch)
    assert state_hash(replayed) == state_hash(core.exchange)
    assert times.expired > JUMPS
    assert times.expires_ns, "some are left"


async def test_after_a_jump_back_time_stands_still_until_the_clock_is_there(tmp_path: Path) -> None:
    async with edge(tmp_path / "data") as node:
        _, token = await node.user("ann")
        node.clock.advance(-HOUR_S)
        soon = expires_at(node, 60)
        assert await place(node, token, expires_at(node, 0)) == "invalid_request", "it is not after log time"
        assert await place(node, token, soon) == "placed"
        node.clock.advance(120)
        assert await place(node, token, soon) == "placed", "log time is an hour ahead"
        assert len(node.core.exchange.open_orders(1)) == 2
        node.clock.advance(HOUR_S)
        assert await place(node, token, soon) == "invalid_request"
        assert await place(node, token) == "placed"
        assert [order.request.expires_ns for order in node.core.exchange.open_orders(1)] == [0]


async def test_a_node_meets_both_jumps_and_a_kill_between(tmp_path: Path) -> None:
    switches = Switches(tmp_path / "switches")
    with NodeProcess(tmp_path / "data", program=switches.program) as node:
        user = await asyncio.to_thread(node.user, "ann")
        in_half_an_hour = datetime.now(UTC) + timedelta(seconds=HOUR_S / 2)
        async with Exchange(node.url, user.token) as exchange, exchange.watch_orders() as orders:
            await orders.ready()
            placed = await exchange.place_order(
                "BTC-USDT", "buy", "0.001", price="50000", time_in_force="gtd", expires_at=in_half_an_hour
            )
            switches.set("clock", str(HOUR_S))
            while not orders.replica.closed:  # a tick ends it: nobody sends anything
                await orders.changed()
            assert [(order.id, order.status) for order in orders.replica.closed] == [(placed.id, "expired")]
        switches.set("clock", "0")
        before = user.place_order("BTC-USDT", "buy", "0.001", price="50000")
        node.kill()
        await asyncio.to_thread(node.start)
        user = await asyncio.to_thread(node.again, "ann")
        after = user.place_order("BTC-USDT", "buy", "0.001", price="50000")
        assert in_half_an_hour < before.created_at <= after.created_at
        assert await asyncio.to_thread(node.stop) == 0
    times = LogTimes()
    check_money(tmp_path / "data", times.watch)
    assert times.expired == 1
