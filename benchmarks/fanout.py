"""Fan-out: `python -m benchmarks.fanout` prints what share of a core a node uses while 200 connections follow a book
that changes 20 times a second, and, as the yardstick, what it uses for the same orders with nobody there.
"""

import argparse
from typing import Final

from benchmarks.load import Figures, offer
from benchmarks.loop import run
from benchmarks.orders import connect_traders, place_near
from benchmarks.servers import Node, run_node
from benchmarks.usage import Usage
from benchmarks.wire import connect_book

SUBSCRIBERS: Final = 200
UPDATES_PER_S: Final = 20


async def measure(node: Node, subscribers: int, seconds: float) -> tuple[Figures, float, float]:
    """Return what the orders saw, the node's share of a core, and the messages a second to each subscriber."""
    traders = await connect_traders(node.url, node.tokens)
    books = [await connect_book(node.url) for _ in range(subscribers)]
    usage, before = Usage(node.pid), sum(book.pushed for book in books)
    figures = await offer(traders, place_near, UPDATES_PER_S, seconds)
    share = usage.cores()
    messages = sum(book.pushed for book in books) - before
    for wire in (*traders, *books):
        wire.close()
    return figures, share, messages / seconds / max(1, subscribers)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    options = parser.parse_args()
    with run_node(1) as node:
        _, alone, _ = run(measure(node, 0, options.seconds))
        figures, share, each = run(measure(node, options.subscribers, options.seconds))
    print(figures.line("node"))
    print(f"cores    {share:.3f} with {options.subscribers} subscribers, who got {each:.1f} messages a second each")
    print(f"         {alone:.3f} with none")


if __name__ == "__main__":
    main()
