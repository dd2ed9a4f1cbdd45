"""The terminal under a real pty of 160x56, while a book changes 1,000 times a second: `python -m benchmarks.terminal`
prints its share of a core and how evenly it paints, beside the same book as a DataTable; how long a key takes to become
an order and a reply to become a row; and how long a start takes to the first painted book.

The terminal has one core, and node, load and this have the other.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from benchmarks.load import offer
from benchmarks.orders import connect_traders, place
from benchmarks.pty_screen import PtyScreen
from benchmarks.relay import Relay
from benchmarks.servers import Node, run_node
from cryptex.cli.bench_load import quantile

UPDATES_PER_SECOND: Final = 1000
ORDERS_PER_SECOND: Final = 50
"""So many orders reach the node itself, which makes trades, tickers and candles of them."""

WARM_PER_SECOND: Final = 500
CONNECTIONS: Final = 8
SETTLE_S: Final = 2.0
"""How long a screen runs before it is measured."""

LONG_S: Final = 3600
"""The load goes on until it is told to stop."""

TYPED_S: Final = 0.25
"""How long the ticket has for what was typed, before Enter is pressed and timed."""

FIRST_PRICE: Final = 10_001
SPREAD: Final = "spread"
"""A word that stands in a book, and nowhere before there is one."""

_ENTER: Final = "\r"
_TAB: Final = "\t"


class Steady(NamedTuple):
    """A screen while the book changes: shares of a core, milliseconds between frames, and what came and went."""

    cores: float
    waited: float
    gap_ms_p50: float
    gap_ms_p99: float
    frames_per_s: float
    updates_per_s: float
    painted_kb_per_s: float

    def line(self, name: str) -> str:
        """Return the figures as a line."""
        return (
            f"{name:<9} {self.cores:>6.1%} of a core (waited {self.waited:.1%})   {self.frames_per_s:4.1f} frames/s, "
            f"gaps p50 {self.gap_ms_p50:.1f}   p99 {self.gap_ms_p99:.1f} ms   "
            f"{self.updates_per_s:,.0f} book updates/s   {self.painted_kb_per_s:.0f} KB/s"
        )


class Orders(NamedTuple):
    """Milliseconds from Enter to the order on the wire, and from its reply to its row on the screen."""

    sent_ms: list[float]
    row_ms: list[float]


class Place(NamedTuple):
    """Where screens run: the core they have, and folders of their own for what they keep."""

    core: int | None
    environment: Mapping[str, str]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--settle", type=float, default=SETTLE_S)
    parser.add_argument("--per-second", type=float, default=UPDATES_PER_SECOND)
    options = parser.parse_args()
    with _cores() as core, TemporaryDirectory(prefix="cryptex-bench-") as folder, run_node(CONNECTIONS + 1) as node:
        asyncio.run(_measure(node, Place(core, _folders(folder, node.tokens[0])), options))


@contextmanager
def _cores() -> Iterator[int | None]:
    """Leave a core to the terminal, and give it; None where there is one alone. What is started inherits the other."""
    before = os.sched_getaffinity(0)
    first, *more = sorted(before)
    os.sched_setaffinity(0, {first})
    try:
        yield more[-1] if more else None
    finally:
        os.sched_setaffinity(0, before)


def _folders(folder: str, token: str) -> Mapping[str, str]:
    """Return an environment in which the terminal finds nobody's settings, and is logged in."""
    homes = {f"XDG_{name}_HOME": folder for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    own = {"CRYPTEX_TOKEN": token, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONPYCACHEPREFIX": folder}
    return {**homes, **own}


def _order(connection: int, number: int) -> bytes:
    """Return an order of the load: `number` counts all connections', of which each makes its own mix of sides."""
    return place(connection, number // CONNECTIONS)


async def _measure(node: Node, where: Place, options: argparse.Namespace) -> None:
    traders = await connect_traders(node.url, node.tokens[1:])
    async with Relay(node.url, options.per_second) as relay:
        terminal = (sys.executable, "-m", "cryptex", "--node", relay.url, "tui")
        table = (sys.executable, "-m", "benchmarks.table_ladder", relay.url)
        await offer(traders, _order, WARM_PER_SECOND, options.settle)  # so that there is a book
        await _start_s(terminal, where)  # it leaves compiled modules, as an install does
        starts = [await _start_s(terminal, where) for _ in range(options.starts)]
        load = asyncio.create_task(offer(traders, _order, ORDERS_PER_SECOND, LONG_S))
        pairs = []
        for _ in range(options.runs):
            yardstick = await _steady(table, where, relay, options)
            pairs.append((yardstick, await _steady(terminal, where, relay, options)))
        orders = await _orders(terminal, where, relay, options)
        load.cancel()
    for wire in traders:
        wire.close()
    _print(pairs, orders, starts)


async def _start_s(command: Sequence[str], where: Place) -> float:
    """Return the seconds from a start to the first painted book."""
    async with PtyScreen(command, where.environment, where.core) as screen:
        return await screen.shows(SPREAD) - screen.begin_s


async def _steady(command: Sequence[str], where: Place, relay: Relay, options: argparse.Namespace) -> Steady:
    seconds: float = options.seconds
    async with PtyScreen(command, where.environment, where.core) as screen:
        await screen.shows(SPREAD)
        await asyncio.sleep(options.settle)
        usage, updates, painted, frames = screen.usage(), relay.book_updates, screen.painted_bytes, len(screen.frames)
        await asyncio.sleep(seconds)
        gaps = screen.gaps_ms(frames)
        return Steady(
            usage.cores(),
            usage.waited(),
            quantile(gaps, 0.5),
            quantile(gaps, 0.99),
            len(gaps) / seconds,
            (relay.book_updates - updates) / seconds,
            (screen.painted_bytes - painted) / seconds / 1000,
        )


async def _orders(command: Sequence[str], where: Place, relay: Relay, options: argparse.Namespace) -> Orders:
    sent_ms, row_ms = list[float](), list[float]()
    async with PtyScreen(command, where.environment, where.core) as screen:
        await screen.shows(SPREAD)
        await asyncio.sleep(options.settle)
        for number in range(options.orders):
            screen.press(f"b{FIRST_PRICE + number}{_TAB}0.01")
            await asyncio.sleep(TYPED_S)
            pressed_s = screen.press(_ENTER)
            screen.forget()
            order = await relay.order()
            row_s = await screen.shows(f"{order.order_id} ")
            sent_ms.append((order.sent_s - pressed_s) * 1000)
            row_ms.append((row_s - order.replied_s) * 1000)
    return Orders(sorted(sent_ms), sorted(row_ms))


def _print(pairs: Sequence[tuple[Steady, Steady]], orders: Orders, starts: list[float]) -> None:
    middle = len(pairs) // 2
    for place_, name in enumerate(("table", "terminal")):
        print(sorted(pair[place_] for pair in pairs)[middle].line(name))
    ratios = sorted(ours.cores / table.cores for table, ours in pairs)
    print(f"ratio    {ratios[middle]:>8.3f}   the middle of {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    for name, values in (("key", orders.sent_ms), ("row", orders.row_ms)):
        what = "key to sent order" if name == "key" else "reply to painted row"
        print(f"{name:<9} {quantile(values, 0.5):6.1f} ms   p90 {quantile(values, 0.9):.1f} ms   {what}")
    print(f"start    {sorted(starts)[len(starts) // 2]:>7.2f} s    to the first painted book, of {_list(starts)}")


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in sorted(values))


if __name__ == "__main__":
    main()
