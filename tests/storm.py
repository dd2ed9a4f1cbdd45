"""`make storm`: the tests of the worst day in their long form. `python -m tests.storm NAME...` runs some of them.

Each runs in a folder of its own, stops none of the others, and says its figures at the end.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.faults.damage import FORMS, make_images
from tests.faults.sockets import Costs, measure
from tests.faults.storm import Storm
from tests.faults.test_damage import flips
from tests.faults.test_sockets import IDLE, IDLE_BYTES_MAX, STALLED_BYTES_MAX
from tests.faults.told import Figures
from tests.simulation.many import Seeds, run_seeds

Run = Callable[[Path], object]
"""Runs in a folder and returns its figures, which are printed. Raises AssertionError."""

FOLDERS = 8
KILLS_A_FOLDER = 25
SEEDS = 20_000
FLIPS = 1_000
STALLED = 200
ROUNDS = 2
PROBES = 500
P99_FACTOR_MAX = 3


def killed(folder: Path) -> Figures:
    """SIGKILL under load."""
    runs = [asyncio.run(Storm(folder / str(seed), seed).run(KILLS_A_FOLDER)) for seed in range(FOLDERS)]
    return Figures(*map(sum, zip(*map(astuple, runs), strict=True)))


def simulated(_folder: Path) -> Seeds:
    """The whole node in a simulation, seed by seed."""
    figures = run_seeds(1, SEEDS)
    assert not figures.failures, "\n".join([str(figures), *figures.failures])
    return figures


def crowded(folder: Path) -> Costs:
    """Sockets that are idle, and sockets that read nothing."""
    costs = asyncio.run(measure(folder, IDLE, STALLED, ROUNDS, PROBES))
    assert costs.idle_bytes <= IDLE_BYTES_MAX, costs
    assert costs.stalled_bytes <= STALLED_BYTES_MAX, costs
    assert costs.p99_ms <= P99_FACTOR_MAX * costs.p99_before_ms, costs
    return costs


def damaged(folder: Path) -> str:
    """Flipped bits in both forms of files."""
    lines = []
    for form in FORMS:
        images = asyncio.run(make_images(folder / form, form))
        count = flips(images, folder / "copy", form, FLIPS, seed=1)
        lines.append(f"{form}: {FLIPS} flips, {', '.join(f'{number} {what}' for what, number in count.most_common())}")
    return "; ".join(lines)


STORMS: dict[str, Run] = {
    "killed": killed,
    "damaged": damaged,
    "crowded": crowded,
    "simulated": simulated,
}


def main(names: list[str]) -> int:
    """Run storms by name, or all; return 1 if any failed."""
    lines = []
    failed = False
    for name in names or STORMS:
        begin = perf_counter()
        try:
            with TemporaryDirectory() as folder:
                figures = str(STORMS[name](Path(folder)))
        except Exception as error:
            failed = True
            figures = f"FAILED: {error!r}"
        lines.append(f"{name}: {figures} ({perf_counter() - begin:.0f} s)")
        sys.stdout.write(f"{lines[-1]}\n")
        sys.stdout.flush()
    sys.stdout.write("\n".join(["", *lines, ""]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
