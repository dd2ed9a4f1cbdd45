"""What a deep book costs: `python -m benchmarks.engine_depth` prints commands a second by resting orders, and memory.

Every book gets the same rounds: two orders rest, one of any age is canceled, one is taken whole at the best price, so
its depth stays as it was. The books are spread over ten thousand prices a side; the last is one side at one price.
"""

import argparse
import gc
import os
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from benchmarks.engine import ACCOUNTS, DRAIN_EVERY, MID_TICKS, funded_exchange
from cryptex.engine.exchange import Exchange
from cryptex.garbage import GC_THRESHOLDS
from cryptex.protocol.codec import decode_batch, encode_batch
from cryptex.protocol.commands import CancelOrder, Command, PlaceOrder, Stamped
from cryptex.protocol.events import OrderEnded
from cryptex.protocol.terms import OrderType, Side

DEPTHS: Final = (1_000, 10_000, 100_000, 200_000)
ONE_PRICE_DEPTH: Final = 50_000
MEMORY_DEPTH: Final = 100_000
SPREAD_TICKS: Final = 10_000
ROUNDS: Final = 5_000
SIZE_LOTS: Final = 1_000
BATCH: Final = 64
TAKER: Final = ACCOUNTS


class Scene:
    """A book of a depth and the rounds played on it, both as commands. Spread 1: all orders sell at one price."""

    def __init__(self, seed: int, depth: int, spread_ticks: int) -> None:
        self.random = Random(seed)
        self.spread_ticks = spread_ticks
        self.exchange = funded_exchange()
        self.owners: dict[int, int] = {}
        self.live: list[int] = []
        self.places: dict[int, int] = {}
        self.commands: list[Command] = []
        for _ in range(depth):
            self._rest()
        self.built, self.commands = self.commands, []
        for number in range(ROUNDS):
            self._rest()
            self._rest()
            self._cancel()
            self._take(Side.BUY if number % 2 or spread_ticks == 1 else Side.SELL)

    def _tell(self, command: Command) -> None:
        self.commands.append(command)
        for event in self.exchange.apply(self.exchange.time_ns + 1, command):
            if isinstance(event, OrderEnded) and event.order_id in self.places:
                self._forget(event.order_id)
        self.exchange.take_closed()

    def _rest(self) -> None:
        random = self.random
        account_id, order_id = random.randrange(1, TAKER), self.exchange.orders.next_id
        is_sell = self.spread_ticks == 1 or random.random() < 0.5
        away = random.randrange(1, self.spread_ticks + 1)
        self._tell(self._limit(account_id, is_sell, MID_TICKS + (away if is_sell else -away), order_id))
        self.owners[order_id] = account_id
        self.places[order_id] = len(self.live)
        self.live.append(order_id)

    def _cancel(self) -> None:
        order_id = self.random.choice(self.live)
        self._tell(CancelOrder(self.owners[order_id], order_id))

    def _take(self, side: Side) -> None:
        bid, ask = self.exchange.best("BTC-USDT")
        price = ask if side is Side.BUY else bid
        assert price is not None, "the book is never empty"
        self._tell(self._limit(TAKER, side is Side.SELL, price, self.exchange.orders.next_id))

    def _limit(self, account_id: int, is_sell: bool, price_ticks: int, order_id: int) -> PlaceOrder:
        side, key = Side.SELL if is_sell else Side.BUY, f"key-{order_id}"
        return PlaceOrder(account_id, "BTC-USDT", side, OrderType.LIMIT, SIZE_LOTS, price_ticks, client_order_id=key)

    def _forget(self, order_id: int) -> None:
        place, last = self.places.pop(order_id), self.live.pop()
        if last != order_id:
            self.live[place] = last
            self.places[last] = place


def run(exchange: Exchange, commands: list[Command]) -> float:
    """Apply the commands; return seconds."""
    apply, time_ns = exchange.apply, exchange.time_ns
    begin = process_time()
    for number, command in enumerate(commands):
        time_ns += 1_000
        apply(time_ns, command)
        if number % DRAIN_EVERY == 0:
            exchange.take_closed()
    return process_time() - begin


def resident_bytes() -> int:
    """Return how much memory this process occupies now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory_bytes(seed: int) -> int:
    """Return what the engine and the orders it keeps take in memory, when they come from a journal as in a replay."""
    stamped = [Stamped(0, command) for command in Scene(seed, MEMORY_DEPTH, SPREAD_TICKS).built]
    batches = [encode_batch(stamped[start : start + BATCH]) for start in range(0, len(stamped), BATCH)]
    del stamped
    gc.collect()
    exchange, before = funded_exchange(), resident_bytes()
    for batch in batches:
        run(exchange, [stamped.command for stamped in decode_batch(batch)])
    return resident_bytes() - before


def rate(depth: int, spread_ticks: int, seed: int, repeats: int) -> float:
    """Return commands a second on a book of this depth, the best of some runs."""
    scene = Scene(seed, depth, spread_ticks)
    best = float("inf")
    for _ in range(repeats):
        exchange = funded_exchange()
        run(exchange, scene.built)
        gc.collect()
        gc.freeze()
        best = min(best, run(exchange, scene.commands))
        exchange.check()
    return len(scene.commands) / best


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    gc.set_threshold(*GC_THRESHOLDS)
    seed, repeats = options.seed, options.repeats
    used = memory_bytes(seed)
    rates = {f"{depth:>7,} resting orders": rate(depth, SPREAD_TICKS, seed, repeats) for depth in DEPTHS}
    rates[f"{ONE_PRICE_DEPTH:>7,} at one price"] = rate(ONE_PRICE_DEPTH, 1, seed, repeats)
    for name, each in rates.items():
        print(f"{name:<24} {each:>10,.0f} commands/s")
    print(f"{'fastest / slowest':<24} {max(rates.values()) / min(rates.values()):>10.2f}")
    print(f"{MEMORY_DEPTH:>7,} resting orders {used / 2**20:>11,.0f} MiB, {used / MEMORY_DEPTH:,.0f} bytes each")


if __name__ == "__main__":
    main()
