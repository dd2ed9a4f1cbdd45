"""A scenario run as fast as it can, and what it leaves in a folder."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

import msgspec

from cryptex.protocol.problems import invalid
from cryptex.sim.clock import VirtualClock
from cryptex.sim.recording import Recorder
from cryptex.sim.scenario import Scenario
from cryptex.sim.simulation import Simulation
from cryptex.sim.summary import Summary, summary_of

RUN: Final = "run.json"
REPORT: Final = "report.json"
BALANCES: Final = "balances.csv"
VALUES: Final = "values.csv"
STEPS: Final = 200
"""How often a run tells how far it is."""

_GC_THRESHOLDS: Final = (50_000, 20, 50)


def run(scenario: Scenario, seed: int, folder: Path | None, tell: Callable[[int, int], None]) -> Summary:
    """Run a scenario to its end, with its tape in `folder` where one is given; `tell` hears (done, all).

    Raises Refusal where the scenario needs a file that is not there, or the folder cannot be made; InvariantBroken
    where funds were made or destroyed.
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
    summary = summary_of(simulation)
    if folder is not None:
        _write_balances(simulation, folder)
        if simulation.world.sessions:
            _write_values(simulation, folder)
        (folder / RUN).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


def _prepare(folder: Path) -> None:
    """Make the folder; what an earlier run said about itself must not stand beside the tape of this one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (RUN, REPORT, BALANCES, VALUES):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise invalid("out", f"{folder} cannot be a folder for a run: {error.strerror}") from None


@contextmanager
def _quick_collector() -> Iterator[None]:
    """Let the garbage collector look more rarely: what lives long here is the engine's, and has few cycles."""
    before = gc.get_threshold()
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _write_values(simulation: Simulation, folder: Path) -> None:
    """Write what each unit of each experiment was worth or cost, and what it was traded for. Periods go on counting."""
    text = simulation.venue.market.price_text
    lines, before = ["period,account,side,value,price\n"], 0
    for session in simulation.world.sessions.values():
        for unit in session.units:
            account, price = f"{session.group}-{unit.trader}", "" if unit.price is None else text(unit.price)
            lines.append(f"{before + unit.period},{account},{unit.side.value},{text(unit.value)},{price}\n")
        before += len(session.periods)
    (folder / VALUES).write_text("".join(lines), encoding="utf-8")


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
