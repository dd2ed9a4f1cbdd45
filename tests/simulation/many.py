"""Many seeds, spread over processes."""

import os
import sys
from dataclasses import dataclass, field
from multiprocessing import get_context
from time import perf_counter

from tests.simulation.world import Failure, Outcome, run_seed

SEEDS_A_TASK = 10
TASKS_A_PROCESS = 50
"""After so many tasks a process is replaced, so that nothing can pile up."""


@dataclass
class Seeds:
    """What came of many seeds. `failures` are whole messages."""

    seeds: int = 0
    commands: int = 0
    requests: int = 0
    messages: int = 0
    lost: int = 0
    starts: int = 0
    virtual_s: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count a seed that held."""
        self.seeds += 1
        for name in ("commands", "requests", "messages", "lost", "starts", "virtual_s"):
            setattr(self, name, getattr(self, name) + getattr(outcome, name))

    def __str__(self) -> str:
        return (
            f"{self.seeds} seeds held and {len(self.failures)} failed: {self.commands:,} commands, "
            f"{self.requests:,} requests ({self.lost:,} without an answer), {self.messages:,} messages of channels, "
            f"{self.starts:,} starts, {self.virtual_s / 3600:,.1f} virtual hours; "
            f"{self.seeds / max(self.seconds, 1e-9):.1f} seeds a second"
        )


def run_seeds(first: int, last: int, processes: int | None = None) -> Seeds:
    """Run all seeds from the first to the last, in as many processes as there are cores unless it is said.

    What fails is told on stderr at once.
    """
    begin_s = perf_counter()
    figures = Seeds()
    tasks = [range(start, min(start + SEEDS_A_TASK, last + 1)) for start in range(first, last + 1, SEEDS_A_TASK)]
    workers = processes or os.cpu_count() or 1
    with get_context("spawn").Pool(workers, maxtasksperchild=TASKS_A_PROCESS) as pool:
        for outcomes in pool.imap_unordered(_run_some, tasks):
            for outcome in outcomes:
                if isinstance(outcome, Outcome):
                    figures.add(outcome)
                else:
                    figures.failures.append(outcome)
                    sys.stderr.write(f"{outcome}\n")
                    sys.stderr.flush()
    figures.failures.sort()
    figures.seconds = perf_counter() - begin_s
    return figures


def _run_some(seeds: range) -> list[Outcome | str]:
    found: list[Outcome | str] = []
    for seed in seeds:
        try:
            found.append(run_seed(seed))
        except Failure as failure:
            found.append(str(failure))
    return found
