"""Two servers under the same load, by turns."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.load import Figures
from benchmarks.usage import Usage


class Side(NamedTuple):
    """A server: its process, how to load it, and what is to happen between two loads."""

    name: str
    pid: int
    load: Callable[[], Figures]
    settle: Callable[[], None] = lambda: None


class _Run(NamedTuple):
    figures: Figures
    cpu_us: float
    """Processor time of the server for each reply."""
    waited: float

    def line(self, name: str) -> str:
        return f"{self.figures.line(name)}\n         {self.cpu_us:>8.0f} us of a core a reply, waited {self.waited:.1%}"


def compare(yardstick: Side, node: Side, runs: int) -> None:
    """Print what the loads saw of both, and the ratio: the run in the middle of each.

    They take turns, so that a machine that slows down slows both. "waited" says how much of the time the server was
    ready to run and other processes had the cores: where that is much, the machine was measured and not the server.
    """
    pairs = [(_run(yardstick), _run(node)) for _ in range(runs)]
    for number, side in enumerate((yardstick, node)):
        print(sorted(pair[number] for pair in pairs)[runs // 2].line(side.name))
    ratios = sorted(ours.figures.replies_per_s / bare.figures.replies_per_s for bare, ours in pairs)
    print(f"ratio    {ratios[runs // 2]:>8.3f}   the middle of {', '.join(f'{ratio:.3f}' for ratio in ratios)}")


def _run(side: Side) -> _Run:
    usage = Usage(side.pid)
    figures = side.load()
    run = _Run(figures, usage.cpu_s() / figures.replies * 1e6, usage.waited())
    side.settle()
    return run
