"""A simulated machine with a node on it: started, crashed at any moment, stopped, and started again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from starlette.applications import Starlette

from cryptex.node.app import build_app
from cryptex.node.clock import Cancelable
from cryptex.node.core import Core
from cryptex.node.settings import Settings, WithdrawalPolicy, load_settings
from cryptex.node.settings_file import LimitSettings, MarketSettings
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from tests.simulation.disk import DiskExecutor, DiskJournal
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.stores import Machine, MachineStores, MemoryFollower, MemoryProjector, SimulatedProjection

BEGIN_NS = 1_767_225_600 * NANOSECONDS_PER_SECOND
CALL_DELAY_S_MAX = 1.0
STOP_LIMIT_S = 4.7
RESTART_S = 0.05
START_LIMIT_S = 30.0
"""A start whose disk hangs is killed after so long, as an operator does."""

REFUSALS_MAX = 30
"""A node that does not start so often in a row never will."""

MARKETS = (
    MarketSettings(
        symbol="BTC-USDT", tick_size="1", lot_size="0.01", min_notional="2", maker_fee="0.0010", taker_fee="0.0025"
    ),
    MarketSettings(
        symbol="ETH-BTC",
        tick_size="0.01",
        lot_size="0.1",
        min_notional="0.01",
        price_band="0.2",
        reference_price="1",
        halt_move="0.15",
        halt_window="30s",
        halt_duration="2s",
        auction_duration="2s",
    ),
)


class WallClock:
    """The machine's clock: virtual time, and whatever it was set to by hand."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.offset_ns = BEGIN_NS
        self._highest_ns = 0

    def now_ns(self) -> int:
        now_ns = self.offset_ns + round(self._loop.time() * NANOSECONDS_PER_SECOND)
        self._highest_ns = max(self._highest_ns, now_ns)
        return now_ns

    def highest_ns(self) -> int:
        """Return the latest time that it ever showed."""
        return self._highest_ns

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancelable:
        delay_s = max(0.0, (time_ns - self.now_ns()) / NANOSECONDS_PER_SECOND)
        return self._loop.call_later(min(delay_s, CALL_DELAY_S_MAX), callback)


def simulated_settings() -> Settings:
    """Return the settings of simulated nodes: no rate limits, and two markets whose orders meet often."""
    settings = load_settings(data_dir="/nonexistent")
    return msgspec.structs.replace(
        settings,
        assets=tuple(asset for asset in settings.assets if asset.symbol != "SOL"),
        markets=MARKETS,
        limits=LimitSettings(commands_per_second=0, logins_per_minute=0, open_orders_per_market=8),
        withdrawals=WithdrawalPolicy(
            automatic={"USDT": 800 * 10**8, "BTC": 6 * 10**8, "ETH": 9 * 10**8},
            daily={"USDT": 2_500 * 10**8, "BTC": 15 * 10**8},
            block_interval_ns=NANOSECONDS_PER_SECOND // 5,
            confirmations=3,
            allow_list_delay_ns=0,
        ),
        opening={"USDT": 3_000 * 10**8, "BTC": 20 * 10**8, "ETH": 20 * 10**8},
    )


class Incarnation:
    """One run of the node's process."""

    def __init__(self, machine: Machine, clock: WallClock, number: int, journal_type: type[DiskJournal]) -> None:
        self.process = Process(f"node {number}")
        self.machine = machine
        self.ready = asyncio.Event()
        self.journal = journal_type(machine.journal, self.process)
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.core = Core(
            simulated_settings(),
            clock=clock,
            open_journal=self._open_journal,
            executor=DiskExecutor(self.process),
            projection=self._projection,
            stores=MachineStores(machine, self.process),
            draw_seed=lambda count: f"{number % 256:02x}" * count,
        )
        self.app: Starlette = build_app(self.core)

    def _open_journal(self, _data_dir: Path) -> DiskJournal:
        return self.journal

    def _projection(self, _data_dir: Path, _url: str, on_cursor: Callable[[int], None]) -> SimulatedProjection:
        projector = MemoryProjector(self.machine.history, self.process)
        return SimulatedProjection(lambda: MemoryFollower(self.journal, projector, self.machine.snapshots), on_cursor)

    async def start(self) -> bool:
        """Start the app; return whether it did."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        self.lifespan = self.process.spawn(self.app(scope, self._in.get, self._out.put), "lifespan")
        self._in.put_nowait({"type": "lifespan.startup"})
        told = await self._out.get()
        if told["type"] == "lifespan.startup.complete":
            self.ready.set()
            return True
        with suppress(BaseException):
            await self.lifespan
        return False

    async def stop(self) -> None:
        """Stop as an operator does, within the limit that a node sets itself."""
        self._in.put_nowait({"type": "lifespan.shutdown"})
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._out.get()

    def connections(self) -> set[int]:
        """Return the ids that open websockets have in the log."""
        return {stream.connection_id for stream in self.app.state.streams._streams}

    def kill(self) -> None:
        """End the process here and now."""
        self.process.kill()
        self.machine.journal.crash()


class NodeHost:
    """Keeps a node running on a machine: what ends is started again."""

    def __init__(self, loop: VirtualLoop, rng: Random, machine: Machine, journal_type: type[DiskJournal]) -> None:
        self.clock = WallClock(loop)
        self.machine = machine
        self.current: Incarnation | None = None
        self.starts = 0
        self._refusals = 0
        self.on_end: Callable[[], None] = lambda: None
        """Called when a process is gone: its sockets are too."""
        self._journal_type = journal_type
        self._rng = rng
        self._up = asyncio.Event()
        self._end: asyncio.Future[bool] | None = None

    async def up(self) -> Incarnation:
        """Return the node once it serves."""
        while True:
            await self._up.wait()
            if self.current is not None and self.current.ready.is_set() and self.current.process.alive:
                return self.current

    async def run(self) -> None:
        """Start the node, and again whenever it ends."""
        loop = asyncio.get_running_loop()
        while True:
            self.starts += 1
            self._end = loop.create_future()
            self.current = node = Incarnation(self.machine, self.clock, self.starts, self._journal_type)
            starting = loop.create_task(node.start())
            await asyncio.wait([starting, self._end], timeout=START_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done() and not self._end.done():
                self._end.set_result(False)
            if starting.done() and starting.result() and not self._end.done():
                self._up.set()
                self._refusals = 0
                failed = loop.create_task(node.core.failed.wait())
                await asyncio.wait([failed, self._end], return_when=asyncio.FIRST_COMPLETED)
                self._up.clear()
                if failed.done() and not self._end.done():
                    self._end.set_result(True)
                failed.cancel()
            elif not self._end.done():
                self._refusals += 1
                if self._refusals > REFUSALS_MAX:
                    raise AssertionError(f"the node does not start: {node.core.start_error}")
                self._end.set_result(False)
            starting.cancel()
            if self._end.result():
                await node.stop()
            node.kill()
            self.on_end()
            await asyncio.sleep(RESTART_S + self._rng.random())

    def end(self, *, by_force: bool) -> None:
        """End the node now: killed, or told to stop."""
        if self._end is not None and not self._end.done():
            self._end.set_result(not by_force and self.current is not None and self.current.ready.is_set())
            if by_force and self.current is not None:
                self._up.clear()
                self.current.kill()
                self.on_end()
