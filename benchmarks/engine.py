"""Engine speed: `python -m benchmarks.engine` prints commands a second and the ratio to a bare book in the same run.

The stream is seeded: 55 % resting limits at geometric distances of mean 20 ticks, 35 % cancels of a random live
order, 10 % marketable limits, all in one market, from 100 funded accounts, with ledger, events and keys on.
"""

import argparse
import gc
from random import Random
from time import process_time
from typing import Final

from benchmarks.exact_book import ExactBook
from benchmarks.yardstick import BareBook
from cryptex.engine.exchange import Exchange
from cryptex.garbage import GC_THRESHOLDS
from cryptex.protocol.commands import (
    CancelOrder,
    Command,
    DefineAsset,
    DefineMarket,
    Grant,
    OpenAccount,
    PlaceOrder,
)
from cryptex.protocol.terms import OrderType, Side

COMMANDS: Final = 200_000
ACCOUNTS: Final = 100
MID_TICKS: Final = 6_000_000
MEAN_DISTANCE_TICKS: Final = 20
DRAIN_EVERY: Final = 64

Bare = tuple[int, int, int, int, int]
"""(0 place or 1 cancel, order id, side, price, size)."""


def setup() -> list[Command]:
    """Return the commands that make one market and funded accounts."""
    grants = (Grant("BTC", 10**15), Grant("USDT", 4 * 10**16))
    return [
        DefineAsset("BTC", "Bitcoin", 8),
        DefineAsset("USDT", "Tether", 8),
        DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001"),
        *(OpenAccount(f"account-{number}", grants) for number in range(ACCOUNTS)),
    ]


def funded_exchange() -> Exchange:
    """Return an exchange after `setup`."""
    exchange = Exchange()
    for time_ns, command in enumerate(setup(), 1):
        exchange.apply(time_ns, command)
    return exchange


def stream(seed: int, count: int) -> tuple[list[Command], list[Bare]]:
    """Return the same seeded commands for the exchange and for the bare book."""
    random = Random(seed)
    shadow = BareBook()
    live: list[int] = []
    commands: list[Command] = []
    bare: list[Bare] = []
    owners: dict[int, int] = {}
    next_id = 1
    while len(commands) < count:
        draw = random.random()
        if draw < 0.35 and live:
            place = random.randrange(len(live))
            order_id = live[place]
            live[place] = live[-1]
            live.pop()
            if order_id not in shadow.orders:
                continue
            bare.append((1, order_id, 0, 0, 0))
            shadow.cancel(order_id)
            commands.append(CancelOrder(owners[order_id], order_id))
            continue
        side = random.randrange(2)
        away = int(random.expovariate(1 / MEAN_DISTANCE_TICKS)) + 1
        behind = -away if side == 0 else away
        price = MID_TICKS + (behind if draw < 0.9 else -behind // 4)
        size = random.randrange(100, 10_000)
        account_id = random.randrange(1, ACCOUNTS + 1)
        bare.append((0, next_id, side, price, size))
        shadow.place(next_id, side, price, size)
        owners[next_id] = account_id
        live.append(next_id)
        commands.append(
            PlaceOrder(
                account_id,
                "BTC-USDT",
                Side.SELL if side else Side.BUY,
                OrderType.LIMIT,
                size,
                price,
                client_order_id=f"key-{next_id}",
            )
        )
        next_id += 1
    return commands, bare


def run_engine(commands: list[Command]) -> tuple[float, Exchange, int]:
    """Apply the commands; return seconds, the exchange and the number of events."""
    exchange = funded_exchange()
    apply = exchange.apply
    time_ns, events = exchange.time_ns, 0
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    begin = process_time()
    for number, command in enumerate(commands):
        time_ns += 1000
        events += len(apply(time_ns, command))
        if number % DRAIN_EVERY == 0:
            exchange.take_closed()
    return process_time() - begin, exchange, events


def run_bare(steps: list[Bare], book: BareBook | ExactBook) -> float:
    """Run the same steps on a bare book; return seconds."""
    gc.collect()
    begin = process_time()
    for kind, order_id, side, price, size in steps:
        if kind:
            book.cancel(order_id)
        else:
            book.place(order_id, side, price, size)
    return process_time() - begin


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    commands, bare = stream(options.seed, options.commands)
    bare_seconds = min(run_bare(bare, BareBook()) for _ in range(options.repeats))
    engine_seconds = float("inf")
    for _ in range(options.repeats):
        seconds, exchange, events = run_engine(commands)
        engine_seconds = min(engine_seconds, seconds)
    exchange.check()
    tuned_seconds = min(run_bare(bare, BareBook()) for _ in range(options.repeats))  # the collector is the engine's now
    exact_seconds = min(run_bare(bare, ExactBook()) for _ in range(options.repeats))
    count = len(commands)
    print(f"engine     {count / engine_seconds:>12,.0f} commands/s   {events / count:.2f} events a command")
    print(f"bare book  {count / bare_seconds:>12,.0f} commands/s")
    print(f"ratio      {bare_seconds / engine_seconds:>12.3f}")
    print("under the engine's own settings of the collector:")
    for name, seconds in (("bare book", tuned_seconds), ("exact book", exact_seconds)):
        print(f"{name:<10} {count / seconds:>12,.0f} commands/s   ratio {seconds / engine_seconds:.3f}")


if __name__ == "__main__":
    main()
