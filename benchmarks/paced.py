"""Latency at a steady pace: `python -m benchmarks.paced` offers 1,000 orders a second, come what may, and prints how
long their durable replies took from when each was due; `--per-second 10000` shows whether history keeps up.
"""

import argparse
from collections.abc import Sequence
from typing import Final

from benchmarks.lag import LagWatch
from benchmarks.load import Figures, median, offer
from benchmarks.loop import run
from benchmarks.orders import connect_traders, place
from benchmarks.servers import run_node
from benchmarks.usage import Usage

CONNECTIONS: Final = 16
PER_SECOND: Final = 1000


async def measure(url: str, tokens: Sequence[str], per_second: float, seconds: float) -> Figures:
    """Return what a steady load sees of a node."""
    traders = await connect_traders(url, tokens)
    try:
        return await offer(traders, place, per_second, seconds)
    finally:
        for wire in traders:
            wire.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--per-second", type=float, default=PER_SECOND)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    with run_node(options.connections) as node, LagWatch(node.data_dir) as lag:
        runs = []
        usage, follower_usage = Usage(node.pid), Usage(node.follower_pid)
        for _ in range(options.runs):
            runs.append(run(measure(node.url, node.tokens, options.per_second, options.seconds)))
            lag.catch_up()
        print(median(runs).line("node"))
        print(lag.line())
        print(
            f"cores    node {usage.cores():.2f} (waited {usage.waited():.1%} of the time for one), "
            f"follower {follower_usage.cores():.2f}"
        )


if __name__ == "__main__":
    main()
