"""The cost of encryption: `python -m benchmarks.at_rest` prints commits and durable replies over websocket in an
encrypted folder, each with the ratio to a plain folder's in the same run.

Commits are of the journal alone, batch by batch as a busy node forms them. Replies are of two nodes, whole, under the
load of `benchmarks.node`, by turns.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from benchmarks.compare import Side, compare
from benchmarks.engine import setup, stream
from benchmarks.lag import LagWatch
from benchmarks.loop import run
from benchmarks.node import CONNECTIONS, LISTENERS, measure
from benchmarks.servers import run_node
from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.commands import Command, Stamped
from cryptex.store.journal import SqliteJournal
from cryptex.store.unlock import KeyWish, unlock

BATCHES: Final = (1, 16, 128)
SEED: Final = 7


@contextmanager
def open_pair() -> Iterator[tuple[SqliteJournal, SqliteJournal]]:
    """Open a plain and an encrypted journal, each in a folder of its own."""
    with TemporaryDirectory(prefix="cryptex-bench-") as folder, ExitStack() as closing_all:
        journals = []
        for name, mode in (("plain", "off"), ("encrypted", "on")):
            root = Path(folder) / name
            root.mkdir(mode=0o700)
            unlock(root, KeyWish("on" if mode == "on" else "off", "file", Path(folder) / "node.key"))
            journal = SqliteJournal.open(root, rules_version=RULES_VERSION)
            journals.append(closing_all.enter_context(closing(journal)))
        yield journals[0], journals[1]


def commits_per_s(journal: SqliteJournal, commands: list[Command], size: int, count: int) -> float:
    """Return how many batches of `size` commands a journal commits a second."""
    source = iter(commands * (size * count // len(commands) + 1))
    spent = 0.0
    for _ in range(count):
        at_ns = journal.last_time_ns
        batch = [Stamped(at_ns + number, each) for number, each in enumerate(islice(source, size), 1)]
        begin = perf_counter()
        journal.append(batch)
        spent += perf_counter() - begin
    return count / spent


def print_commits(count: int, runs: int) -> None:
    """Print the commits of both, and the ratio in the middle of the runs."""
    commands: list[Command] = [*setup(), *stream(SEED, 2000)[0]]
    with open_pair() as pair:
        for size in BATCHES:
            rates = [tuple(commits_per_s(journal, commands, size, count) for journal in pair) for _ in range(runs)]
            plain, encrypted = (median(rate[side] for rate in rates) for side in range(2))
            ratio = median(ours / bare for bare, ours in rates)
            print(
                f"commits  {size:>4} a batch: plain {plain:>7.0f}/s  encrypted {encrypted:>7.0f}/s  ratio {ratio:.3f}"
            )


def print_replies(seconds: float, runs: int, connections: int) -> None:
    """Print the replies of both nodes, and the ratio."""
    with (
        run_node(connections) as plain,
        run_node(connections, encrypted=True) as encrypted,
        LagWatch(plain.data_dir) as lag,
        LagWatch(encrypted.data_dir) as encrypted_lag,
    ):
        sides = [
            Side(
                name,
                node.pid,
                lambda node=node: run(measure(node.url, node.tokens, LISTENERS, seconds)),
                watch.catch_up,
            )
            for name, node, watch in (("plain", plain, lag), ("encrypted", encrypted, encrypted_lag))
        ]
        compare(sides[0], sides[1], runs)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--commits", type=int, default=300)
    options = parser.parse_args()
    print_commits(options.commits, options.runs)
    print_replies(options.seconds, options.runs, options.connections)


if __name__ == "__main__":
    main()
