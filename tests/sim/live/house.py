"""A node with simulated traders in this process, on a clock that goes when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cryptex.node.clock import ManualClock
from cryptex.node.core import Core
from cryptex.node.settings import Settings, load_settings
from cryptex.protocol.terms import FEE_ACCOUNT, NANOSECONDS_PER_SECOND, OUTSIDE_ACCOUNT
from cryptex.sim import library
from cryptex.sim.live.traders import SimulatedTraders
from cryptex.sim.scenario import Scenario
from tests.node.house import Listener
from tests.node.test_core import follower_thread

SMALL = ("groups.liquidity.count=8", "groups.value.count=4", "groups.metaorders.count=2", "groups.noise.count=4")
"""Fewer of each, for tests."""


def small(name: str = "calm", *settings: str) -> Scenario:
    """Return a scenario with fewer agents."""
    return library.load(name, (*SMALL, *settings))


PAST_S = 60


class Market:
    """A node, its traders and its clock."""

    def __init__(self, core: Core, traders: SimulatedTraders, clock: ManualClock) -> None:
        self.core = core
        self.traders = traders
        self.clock = clock

    async def run(self, seconds: float, step_s: float = 0.1) -> None:
        """Let time pass, a little at a time, and what is sent meanwhile arrive."""
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.settled()

    async def settled(self) -> None:
        """Return when the sequencer has nothing to do, and what it did has been told."""
        sequencer, quiet_turns = self.core.sequencer, 0
        while quiet_turns < 3:
            await asyncio.sleep(0)
            idle = sequencer._idle is not None and not sequencer._idle.done() and not sequencer.waiting
            quiet_turns = quiet_turns + 1 if idle else 0

    def funds(self) -> dict[str, int]:
        """Return the sum of all balances by asset, the outside world's and fees included: zero each."""
        exchange = self.core.exchange
        accounts = [*exchange.accounts_by.by_id]
        assert {FEE_ACCOUNT, OUTSIDE_ACCOUNT} <= set(accounts)
        return {symbol: sum(sum(exchange.balance(each, symbol)) for each in accounts) for symbol in exchange.assets}


@asynccontextmanager
async def simulated(settings: Settings, scenario: Scenario, seed: int = 7, **given: Any) -> AsyncIterator[Market]:
    """Start a node with a scenario, and stop it afterwards."""
    clock = given.pop("clock", None) or ManualClock()
    traders = SimulatedTraders(scenario, seed, PAST_S * NANOSECONDS_PER_SECOND)
    core = Core(settings, clock=clock, projection=follower_thread, companion=traders, **given)
    await core.start(Listener())
    try:
        yield Market(core, traders, clock)
    finally:
        await core.stop()


def settings_in(folder: Any, **given: Any) -> Settings:
    """Return the default settings in a folder."""
    return load_settings(data_dir=folder, **given)
