"""One seed: a machine, its node, a network, traders, and what goes wrong among them."""

import asyncio
import base64
import hashlib
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from random import Random
from unittest.mock import patch

import msgspec
from argon2 import PasswordHasher

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.node import connection
from cryptex.protocol.commands import Command, PlaceOrder
from cryptex.protocol.events import Event
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store import passwords
from tests.simulation.auditor import audit
from tests.simulation.clients import Trader
from tests.simulation.disk import DiskFaults, DiskJournal, JournalDisk
from tests.simulation.forms import POISON
from tests.simulation.loop import VirtualLoop
from tests.simulation.network import Network, NetworkFaults, Trace
from tests.simulation.node import Incarnation, NodeHost
from tests.simulation.record import Record
from tests.simulation.stores import Machine

VIRTUAL_TIME_MAX_S = 3_600.0
REST_S = 5.0
FULL_S = 0.1
MINUTE_NS = 60 * NANOSECONDS_PER_SECOND
JUMPS_NS = (-59 * MINUTE_NS, -MINUTE_NS // 60, 60 * MINUTE_NS, 25 * 60 * MINUTE_NS)
BEHIND_MAX_NS = 60 * MINUTE_NS
"""A node does not start on a log that is further ahead of the clock."""


class Failure(AssertionError):
    """A seed that shows a defect. The message says how to run it alone."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a seed."""

    seed: int
    trace_hash: str
    commands: int
    requests: int
    starts: int
    messages: int
    lost: int
    virtual_s: float


class Plan(msgspec.Struct, frozen=True):
    """What a seed draws before it begins: each kind of fault is there or not, so that combinations differ."""

    traders: int
    steps: int
    disk: DiskFaults
    network: NetworkFaults
    poison: float
    """How likely an order is to break the engine."""
    is_cramped: bool
    """Whether little may wait for slow readers."""
    ends: int
    """How often the node is killed or stopped, or the disk fills, or the clock jumps."""

    @classmethod
    def draw(cls, rng: Random) -> "Plan":
        """Draw a plan."""

        def share(most: float, likely: float = 0.5) -> float:
            return rng.random() * most if rng.random() < likely else 0.0

        return cls(
            traders=rng.randint(2, 4),
            steps=rng.randint(15, 45),
            disk=DiskFaults(
                error_before_commit=share(0.1),
                commit_error=share(0.02, 0.3),
                commit_hang=share(0.01, 0.2),
                checkpoint_error=share(0.5),
            ),
            network=NetworkFaults(
                delay_s=rng.choice((0.0002, 0.001, 0.02)),
                break_share=share(0.03),
                lost_reply=share(0.2),
                stall_share=share(0.02, 0.3),
            ),
            poison=share(0.03, 0.2),
            is_cramped=rng.random() < 0.3,
            ends=rng.choice((0, 1, 2, 2, 3, 5)),
        )


class World:
    """Everything that one seed leads to."""

    def __init__(self, seed: int, *, journal_type: type[DiskJournal] = DiskJournal, keep_trace: bool = False) -> None:
        self.seed = seed
        self.rng = Random(f"{seed} world")
        self.plan = Plan.draw(Random(f"{seed} plan"))
        self.loop = VirtualLoop(Random(f"{seed} loop"))
        self.digest = hashlib.sha256()
        self.trace = Trace(self.loop, self.digest, keep=keep_trace)
        self.machine = Machine(JournalDisk(Random(f"{seed} disk"), self.plan.disk))
        self.host = NodeHost(self.loop, Random(f"{seed} host"), self.machine, journal_type)
        self.network = Network(self.loop, Random(f"{seed} network"), self.host, self.plan.network, self.trace)
        self.record = Record()
        self.traders = [
            Trader(
                f"trader{number}",
                Random(f"{seed} trader {number}"),
                self.network,
                self.record,
                poison=self.plan.poison,
            )
            for number in range(self.plan.traders)
        ]

    def run(self) -> Outcome:
        """Run to the end and audit it. Raises Failure."""
        try:
            with quiet(Random(f"{self.seed} secrets")), cramped() if self.plan.is_cramped else nullcontext():
                asyncio.set_event_loop(None)
                try:
                    self.loop.run_until_complete(self._live())
                finally:
                    self._end_tasks()
                    self.loop.close()
        except Failure:
            raise
        except Exception as error:
            raise Failure(f"{type(error).__name__}: {error}\n{how_to_run(self.seed)}") from error
        return Outcome(
            self.seed,
            self.digest.hexdigest(),
            sum(row.command_count for row in self.machine.journal.rows),
            len(self.record.requests),
            self.host.starts,
            len(self.record.heard),
            sum(asked.is_unknown for asked in self.record.requests),
            self.loop.time(),
        )

    def _end_tasks(self) -> None:
        """Let nothing be left behind, so that worlds do not disturb each other."""
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
        self.loop.troubles.clear()

    async def _live(self) -> None:
        async with asyncio.timeout(VIRTUAL_TIME_MAX_S):
            hosting = self.loop.create_task(self.host.run())
            trouble = self.loop.create_task(self._trouble())
            trading = [self.loop.create_task(self._trade(trader)) for trader in self.traders]
            await _all_of(trading, hosting)
            trouble.cancel()
            self.calm()
            if self.record.fault is not None:
                raise self.record.fault
            await _all_of([self.loop.create_task(trader.settle()) for trader in self.traders], hosting)
            node = await self._at_rest()
            audit(self.record, self.machine, node.core, node.connections(), self.digest)
            for trader in self.traders:
                await trader.leave()
            hosting.cancel()
            self.host.end(by_force=True)
        await asyncio.sleep(5)
        assert not self.loop.troubles, list(self.loop.troubles)

    async def _at_rest(self) -> Incarnation:
        """Return the node once nothing is under way in it: no batch is in its journal and not yet in its exchange."""
        while True:
            await asyncio.sleep(REST_S)
            node = await self.host.up()
            if node.core.journal.last_sequence == node.core.exchange.sequence:
                return node

    async def _trade(self, trader: Trader) -> None:
        await trader.enter()
        if trader is self.traders[0]:
            await self._make_admin(trader)
        await trader.trade(self.plan.steps)

    async def _make_admin(self, trader: Trader) -> None:
        while not trader.is_admin:
            try:
                self.machine.give_role(trader.name, self.host.clock.now_ns)
                trader.is_admin = True
            except sqlite3.OperationalError:  # the disk is full
                await asyncio.sleep(FULL_S)

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.network.calm = True
        self.machine.journal.calm = True
        self.machine.journal.full = False

    async def _trouble(self) -> None:
        for _ in range(self.plan.ends):
            await asyncio.sleep(self.rng.expovariate(1 / self.rng.choice((0.05, 0.5, 3))))
            draw = self.rng.random()
            if draw < 0.5:
                self.trace.note("machine", "killed")
                self.host.end(by_force=True)
            elif draw < 0.65:
                self.trace.note("machine", "stopped")
                self.host.end(by_force=False)
            elif draw < 0.8:
                self.trace.note("machine", "full")
                self.machine.journal.full = True
                await asyncio.sleep(self.rng.expovariate(1))
                self.machine.journal.full = False
            else:
                self._jump(self.rng.choice(JUMPS_NS))

    def _jump(self, jump_ns: int) -> None:
        clock = self.host.clock
        if clock.highest_ns() - (clock.now_ns() + jump_ns) < BEHIND_MAX_NS:
            self.trace.note("machine", f"clock {jump_ns}")
            clock.offset_ns += jump_ns


async def _all_of(tasks: list[asyncio.Task[None]], hosting: asyncio.Task[None]) -> None:
    """Wait for tasks; raise what one of them, or the host, raises."""
    pending: set[asyncio.Task[None]] = set(tasks)
    while pending:
        done, _ = await asyncio.wait([*pending, hosting], return_when=asyncio.FIRST_COMPLETED)
        for task in [*tasks, hosting]:
            if task in done:
                task.result()
        pending -= done


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def how_to_run(seed: int) -> str:
    """Return the line that runs a seed alone."""
    return f"seed {seed} shows it again, byte for byte: python -m tests.simulation {seed}"


@contextmanager
def quiet(rng: Random) -> Iterator[None]:
    """Make what is random of its nature follow from the seed, hash cheaply, and keep the log silent."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with ExitStack() as patches:
        patches.enter_context(patch.object(secrets, "token_hex", lambda size=32: rng.randbytes(size).hex()))
        patches.enter_context(patch.object(secrets, "token_bytes", lambda size=32: rng.randbytes(size)))
        patches.enter_context(patch.object(secrets, "token_urlsafe", lambda size=32: _text(rng.randbytes(size))))
        patches.enter_context(patch.object(passwords, "_hasher", PasswordHasher(1, 8, 1)))
        patches.enter_context(patch.object(Exchange, "apply", _with_poison(Exchange.apply)))
        patches.callback(passwords._dummy_hash.cache_clear)
        passwords._dummy_hash.cache_clear()
        try:
            yield
        finally:
            logging.disable(before)


@contextmanager
def cramped() -> Iterator[None]:
    """Let so little wait for a reader that many are told to resync, and some are closed."""
    limits = {
        "OUTBOX_SOFT_BYTES": 16 * 1024,
        "OUTBOX_SOFT_MESSAGES": 12,
        "OUTBOX_BYTES_MAX": 64 * 1024,
        "OUTBOX_MESSAGES_MAX": 60,
        "PAUSE_BYTES": 8 * 1024,
        "WRITE_BYTES_MAX": 2 * 1024,
    }
    with patch.multiple(connection, **limits):
        yield


def _with_poison(right: Callable[..., list[Event]]) -> Callable[..., list[Event]]:
    def apply(self: Exchange, time_ns: int, command: Command) -> list[Event]:
        events = right(self, time_ns, command)
        if isinstance(command, PlaceOrder) and command.client_order_id.startswith(POISON):
            raise InvariantBroken("an order that is poison")
        return events

    return apply


def run_seed(seed: int, **options: object) -> Outcome:
    """Run one seed. Raises Failure."""
    return World(seed, **options).run()  # type: ignore[arg-type]
