"""Node speed: `python -m benchmarks.node` prints durable order replies a second over websocket, latencies, and the
ratio to a bare echo server on the same stack and under the same load in the same run.

16 connections keep 16 orders in flight each, five more follow the book. The load runs in this process, the servers in
processes of their own.
"""

import argparse
from collections.abc import Sequence
from typing import Final

from benchmarks.compare import Side, compare
from benchmarks.lag import LagWatch
from benchmarks.load import Figures, keep_full
from benchmarks.loop import run
from benchmarks.orders import connect_traders, place
from benchmarks.servers import run_echo, run_node
from benchmarks.wire import connect_book

CONNECTIONS: Final = 16
IN_FLIGHT: Final = 16
LISTENERS: Final = 5


async def measure(url: str, tokens: Sequence[str | None], listeners: int, seconds: float) -> Figures:
    """Return what the load sees of a server, with so many more connections that follow its book."""
    traders = await connect_traders(url, tokens)
    books = [await connect_book(url) for _ in range(listeners)]
    try:
        return await keep_full(traders, place, IN_FLIGHT, seconds)
    finally:
        for wire in (*traders, *books):
            wire.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    nobody = [None] * options.connections
    with run_echo() as echo, run_node(options.connections) as node, LagWatch(node.data_dir) as lag:
        compare(
            Side("echo", echo.pid, lambda: run(measure(echo.url, nobody, 0, options.seconds))),
            Side(
                "node", node.pid, lambda: run(measure(node.url, node.tokens, LISTENERS, options.seconds)), lag.catch_up
            ),
            options.runs,
        )
        print(lag.line())


if __name__ == "__main__":
    main()
