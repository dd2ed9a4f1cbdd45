"""Start-up: `python -m benchmarks.start` prints how long a node takes from its process's begin to its ready line, on an
empty folder and on a journal of 1,000,000 commands: all of it replayed, and after a crash, from a snapshot as old as it
can be (the newest is taken away). And how fast commands are replayed, and the ratio to the engine alone.
"""

import argparse
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from benchmarks.engine import run_engine, stream
from benchmarks.journals import SEED, write_journal
from benchmarks.lag import LagWatch
from cryptex.cli.bench_run import CONFIG
from cryptex.cli.private_node import PLAIN, PrivateNode
from cryptex.engine.snapshot import RULES_VERSION
from cryptex.garbage import GC_THRESHOLDS
from cryptex.node.clock import SystemClock
from cryptex.node.serve import read_run_file
from cryptex.node.startup import recover
from cryptex.store.journal import SqliteJournal
from cryptex.store.snapshots import SnapshotStore

COMMANDS: Final = 1_000_000
SNAPSHOTS: Final = "snapshots"


def start_s(data_dir: Path, then: Callable[[], None] = lambda: None) -> float:
    """Return how long a node takes to be ready; then stop it, after calling `then`."""
    with PrivateNode(data_dir, CONFIG, PLAIN) as node:
        begin = perf_counter()
        node.start()
        spent = perf_counter() - begin
        then()
        return spent


def python_s() -> float:
    """Return how long Python takes to do nothing."""
    begin = perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return perf_counter() - begin


def empty_s() -> float:
    """Return how long a node takes on a folder that is not there."""
    with TemporaryDirectory(prefix="cryptex-bench-") as folder:
        return start_s(Path(folder) / "data")


def kill_when_settled(data_dir: Path) -> None:
    """Let history catch up, say how fast it did, and kill the node."""
    with LagWatch(data_dir) as lag:
        behind = lag.now()
        lag.catch_up()
        print(f"history  {behind / lag.caught_up_s:,.0f} commands/s landed, while a node that idles served")
    run_file = read_run_file(data_dir)
    assert run_file is not None
    os.kill(run_file.pid, signal.SIGKILL)


def replay_s(data_dir: Path) -> float:
    """Return how long it takes to replay a journal from its first command, as a start does it."""
    journal = SqliteJournal.open(data_dir, rules_version=RULES_VERSION)
    try:
        with TemporaryDirectory() as nothing:
            gc.collect()
            gc.set_threshold(*GC_THRESHOLDS)
            begin = perf_counter()
            recover(journal, SnapshotStore(nothing), SystemClock())
            return perf_counter() - begin
    finally:
        journal.close()


def restarts(data_dir: Path) -> None:
    """Print how long the starts on a journal take, from its first command on and from a snapshot."""
    print(f"full     {start_s(data_dir, lambda: kill_when_settled(data_dir)):>6.2f} s to ready, no snapshot")
    snapshots = sorted((data_dir / SNAPSHOTS).iterdir())
    if len(snapshots) > 1:
        snapshots.pop().unlink()
    base = "no snapshot"
    if snapshots:
        base = f"from the snapshot of sequence {int(snapshots[-1].stem):,}, {snapshots[-1].stat().st_size / 1e6:.0f} MB"
    print(f"restart  {start_s(data_dir):>6.2f} s to ready, {base}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    middle = options.runs // 2
    python = sorted(python_s() for _ in range(options.runs))[middle]
    empty = sorted(empty_s() for _ in range(options.runs))[middle]
    print(f"empty    {empty:>6.2f} s to ready on an empty folder   (python -c pass: {python:.3f} s)", flush=True)
    with TemporaryDirectory(prefix="cryptex-bench-") as folder:
        data_dir = Path(folder) / "data"
        write_journal(data_dir, options.commands)
        replayed = options.commands / replay_s(data_dir)
        applied = options.commands / run_engine(stream(SEED, options.commands)[0])[0]
        print(
            f"replay   {replayed:>10,.0f} commands/s, the engine alone {applied:,.0f}, ratio {replayed / applied:.3f}"
        )
        restarts(data_dir)


if __name__ == "__main__":
    main()
