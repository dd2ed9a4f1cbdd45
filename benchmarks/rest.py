"""REST speed: `python -m benchmarks.rest` prints durable replies to POST /orders a second, with 64 keep-alive clients,
and the ratio to a bare POST echo (Starlette and msgspec) on the same server stack and under the same load.
"""

import argparse
from typing import Final
from urllib.parse import urlsplit

from benchmarks.compare import Side, compare
from benchmarks.load import Figures, keep_full
from benchmarks.loop import run
from benchmarks.servers import run_echo, run_node
from benchmarks.wire import connect_http, post
from cryptex.cli.bench_load import crossing_order

CLIENTS: Final = 64
USERS: Final = 16
NO_TOKEN: Final = "-" * 43
"""What the echo gets: as long as a token."""


async def measure(url: str, tokens: list[str], clients: int, seconds: float) -> Figures:
    """Return what so many clients see of a server, one order in flight each."""
    host = urlsplit(url).netloc
    wires = await connect_http(url, clients)

    def make(client: int, number: int) -> bytes:
        token = tokens[client % len(tokens)]
        return post(host, "/orders", token, crossing_order(client, number).encode())

    try:
        return await keep_full(wires, make, 1, seconds)
    finally:
        for wire in wires:
            wire.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    options = parser.parse_args()
    clients, seconds = options.clients, options.seconds
    with run_echo() as echo, run_node(min(USERS, clients)) as node:
        compare(
            Side("echo", echo.pid, lambda: run(measure(echo.url, [NO_TOKEN], clients, seconds))),
            Side("node", node.pid, lambda: run(measure(node.url, node.tokens, clients, seconds))),
            options.runs,
        )


if __name__ == "__main__":
    main()
