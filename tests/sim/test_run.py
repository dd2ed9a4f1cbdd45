"""Whole runs: the same bytes everywhere, funds conserved, and what one group draws is its own."""

import csv
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cryptex.sim import library
from cryptex.sim.clock import VirtualClock
from cryptex.sim.paced_clock import PacedClock
from cryptex.sim.run import run
from cryptex.sim.scenario import Scenario
from cryptex.sim.simulation import Simulation

SCRIPT = """
import sys
from pathlib import Path
from cryptex.sim import library
from cryptex.sim.run import run
for name, duration in (("calm", "5m"), ("smith-zip", "65s")):
    run(library.load(name, [f"duration={duration}"]), 3, Path(sys.argv[1]) / name, lambda done, of: None)
"""


def short(*settings: str) -> Scenario:
    """Return calm for two minutes."""
    return library.load("calm", ["duration=2m", *settings])


def files(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    run(short(), 3, folder, lambda _done, _of: None)
    return folder


def test_repeats_are_byte_equal_across_processes_and_hash_seeds(tmp_path: Path) -> None:
    for hash_seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / hash_seed)], env=environment, check=True)
    for name, more in (("calm", set()), ("smith-zip", {"values.csv"})):
        first = files(tmp_path / "0" / name)
        assert set(first) == {"trades.csv", "quotes.csv", "orders.csv", "balances.csv", "run.json"} | more
        assert first == files(tmp_path / "1" / name) == files(tmp_path / "4711" / name)


def test_another_seed_is_another_market(folder: Path, tmp_path: Path) -> None:
    run(short(), 4, tmp_path, lambda _done, _of: None)
    assert files(tmp_path)["trades.csv"] != files(folder)["trades.csv"]


def test_recording_changes_nothing(folder: Path) -> None:
    summary = run(short(), 3, None, lambda _done, _of: None)
    assert msgspec.json.decode((folder / "run.json").read_bytes()) == msgspec.json.decode(msgspec.json.encode(summary))


def test_funds_are_neither_made_nor_destroyed(folder: Path) -> None:
    sums: dict[str, list[Decimal]] = {}
    names = []
    with (folder / "balances.csv").open() as file:
        for row in csv.DictReader(file):
            names.append(row["account"])
            total = sums.setdefault(row["asset"], [Decimal(0), Decimal(0)])
            total[0] += Decimal(row["start"])
            total[1] += Decimal(row["end"])
    assert sums == {"BTC": [0, 0], "USDT": [0, 0]}
    assert {"fees", "outside", "noise-0", "makers-1"} <= set(names)


def test_the_tape_is_in_order_and_never_crossed(folder: Path) -> None:
    with (folder / "quotes.csv").open() as file:
        quotes = [(row["timestamp"], row["bid"], row["ask"]) for row in csv.DictReader(file)]
    assert len(quotes) > 5
    assert [Decimal(quote[0]) for quote in quotes] == sorted(Decimal(quote[0]) for quote in quotes)
    assert all(Decimal(bid) < Decimal(ask) for _, bid, ask in quotes if bid and ask)
    with (folder / "trades.csv").open() as file:
        assert [int(row["trade_id"]) for row in csv.DictReader(file)] == list(
            range(1, (folder / "trades.csv").read_text().count("\n"))
        )


def test_a_paced_clock_leads_to_the_same_state(folder: Path) -> None:
    wall = [0]
    clock = PacedClock(lambda: wall[0], speed=100.0)
    simulation = Simulation(short(), 3, clock)
    clock.advance()
    clock.pause()
    for _ in range(50):
        clock.step()
    clock.step_to(30_000_000_000)
    clock.resume()
    while clock.now() < 120_000_000_000:
        wall[0] += 1_000_000_000 // 100
        clock.advance()
    virtual = VirtualClock()
    same = Simulation(short(), 3, virtual)
    virtual.run_until(clock.now())
    assert simulation.venue.commands == same.venue.commands
    assert simulation.state_hash == same.state_hash


def test_a_group_that_comes_later_moves_nobodys_draws() -> None:
    """With another group that never trades, everybody's draws stay as they were, so the market does."""
    without = run(short(), 3, None, lambda _done, _of: None)
    watching = short(
        "groups.watchers.agent=momentum", "groups.watchers.count=3", "groups.watchers.threshold_bps=100000"
    )
    with_watchers = run(watching, 3, None, lambda _done, _of: None)
    assert (with_watchers.trades, with_watchers.last_price) == (without.trades, without.last_price)
