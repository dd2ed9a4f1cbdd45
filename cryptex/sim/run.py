"""A scenario run as fast as it can, and what it leaves in a folder."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

import msgspec

from cryptex import __version__
from cryptex.sim.clock import VirtualClock
from cryptex.sim.recording import Recorder, seconds_text
from cryptex.sim.scenario import Scenario
from cryptex.sim.simulation import Simulation

RUN: Final = "run.json"
REPORT: Final = "report.json"
BALANCES: Final = "balances.csv"
STEPS: Final = 200
"""How often a run tells how far it is."""

_GC_THRESHOLDS: Final = (50_000, 20, 50)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run: the contents of run.json. Times are seconds, prices decimal text."""

    scenario: str
    seed: int
    version: str
    duration: str
    state_hash: str
    market: str
    tick_size: str
    lot_size: str
    commands: int
    trades: int
    rejected: int
    first_price: str
    last_price: str


def run(scenario: Scenario, seed: int, folder: Path | None, tell: Callable[[int, int], None]) -> Summary:
    """Run a scenario to its end, with its tape in `folder` where one is given; `tell` hears (done, all).

    Raises InvariantBroken where funds were made or destroyed.
    """
    simulation = Simulation(scenario, seed, VirtualClock())
    venue, clock = simulation.venue, simulation.clock
    duration_ns = scenario.duration_ns
    if folder is not None:
        _prepare(folder)
    with _quick_collector(), Recorder(folder, venue.market) if folder is not None else nullcontext() as recorder:
        venue.recorder = recorder
        for step in range(1, STEPS + 1):
            clock.run_until(duration_ns * step // STEPS)
            tell(step, STEPS)
    venue.exchange.check()
    summary = _summary(simulation, seed)
    if folder is not None:
        _write_balances(simulation, folder)
        (folder / RUN).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


def _prepare(folder: Path) -> None:
    """Make the folder; what an earlier run said about itself must not stand beside the tape of this one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RUN, REPORT, BALANCES):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _quick_collector() -> Iterator[None]:
    """Let the garbage collector look more rarely: what lives long here is the engine's, and has few cycles."""
    before = gc.get_threshold()
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _summary(simulation: Simulation, seed: int) -> Summary:
    venue, scenario = simulation.venue, simulation.scenario
    market = venue.market
    last_ticks = venue.exchange.last_price_ticks(venue.symbol)
    return Summary(
        scenario=scenario.name,
        seed=seed,
        version=__version__,
        duration=seconds_text(scenario.duration_ns),
        state_hash=simulation.state_hash,
        market=venue.symbol,
        tick_size=market.tick_size_text,
        lot_size=market.lot_size_text,
        commands=venue.commands,
        trades=venue.trades,
        rejected=simulation.rejected,
        first_price=market.price_text(simulation.start_ticks),
        last_price=market.price_text(simulation.start_ticks if last_ticks is None else last_ticks),
    )


def _write_balances(simulation: Simulation, folder: Path) -> None:
    """Write what every account had and has; over all of them, each column of an asset sums to zero."""
    exchange = simulation.venue.exchange
    given: dict[str, int] = {}
    lines = ["account,asset,start,end\n"]
    for name, account_id in simulation.named_accounts().items():
        start = {} if name == "fees" else simulation.starting_units(name) if name in simulation.accounts else given
        for asset in exchange.assets.values():
            available, held = exchange.balance(account_id, asset.symbol)
            start_units = start.get(asset.symbol, 0)
            if name in simulation.accounts:
                given[asset.symbol] = given.get(asset.symbol, 0) - start_units
            lines.append(f"{name},{asset.symbol},{asset.text(start_units)},{asset.text(available + held)}\n")
    (folder / BALANCES).write_text("".join(lines), encoding="utf-8")
