"""Memory: `python -m benchmarks.memory` prints what a node and its follower hold resident before and after 100,000
orders came to rest in its books, and after a restart.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.lag import LagWatch
from benchmarks.load import send_all
from benchmarks.loop import run
from benchmarks.orders import connect_traders, place_resting
from benchmarks.servers import Node, run_node
from benchmarks.usage import memory_bytes

ORDERS: Final = 100_000
CONNECTIONS: Final = 16
IN_FLIGHT: Final = 16


async def fill(node: Node, orders: int) -> None:
    """Let orders come to rest."""
    traders = await connect_traders(node.url, node.tokens)
    await send_all(traders, place_resting, IN_FLIGHT, orders)
    for wire in traders:
        wire.close()


def line(name: str, node: Node) -> str:
    """Return what is resident now."""
    process, follower = (memory_bytes(pid) / 1e6 for pid in (node.pid, node.follower_pid))
    return f"{name:<8} {process:>6.0f} MB   follower {follower:>6.0f} MB"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="cryptex-bench-") as folder:
        with run_node(options.connections, Path(folder)) as node, LagWatch(node.data_dir) as lag:
            print(line("empty", node))
            run(fill(node, options.orders))
            lag.catch_up()
            print(line("filled", node))
        with run_node(0, Path(folder)) as node, LagWatch(node.data_dir) as lag:
            lag.catch_up()
            print(line("restart", node))


if __name__ == "__main__":
    main()
