"""Loads: connections that keep a number of requests in flight, or offer so many a second; every reply is timed."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Final, NamedTuple

from benchmarks.wire import Wire
from cryptex.cli.bench_load import quantile

STALL_S: Final = 30
"""How long a load waits for the last replies."""

SEND_ALL_S_MAX: Final = 300
REFUSED_SHARE_MAX: Final = 0.01
PACE_S: Final = 0.001

Make = Callable[[int, int], bytes]
"""Makes the request of (connection, number)."""


class Figures(NamedTuple):
    """What a load saw: latencies in milliseconds, `busy` is the share of a core that the load itself used."""

    replies_per_s: float
    replies: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    refused: int
    busy: float

    def line(self, name: str) -> str:
        """Return the figures as a line."""
        latencies = f"p50 {self.p50_ms:6.2f}   p99 {self.p99_ms:6.2f}   p99.9 {self.p999_ms:6.2f} ms"
        return (
            f"{name:<8} {self.replies_per_s:>8,.0f} replies/s   {latencies}   {self.refused} refused   "
            f"load {self.busy:.0%} of a core"
        )


class _Run:
    """One load: what is asked and what has come."""

    def __init__(self, wires: Sequence[Wire]) -> None:
        self.wires = wires
        self.latencies: list[float] = []
        self.refused = 0
        self.missing = 0
        self.sending = True
        self.begin, self._begin_cpu = perf_counter(), process_time()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def count(self, latencies: list[float], refused: int) -> None:
        self.latencies += latencies
        self.refused += refused
        self.missing -= len(latencies)
        if not self.missing and not self.sending:
            self.finish()

    def finish(self) -> None:
        if not self._done.done():
            self._done.set_result(None)

    async def figures(self, seconds: float) -> Figures:
        try:
            await asyncio.wait_for(self._done, seconds + STALL_S)
        except TimeoutError:
            lost = sum(wire.closed for wire in self.wires)
            raise RuntimeError(f"{self.missing} replies are missing, {lost} connections were closed") from None
        spent, busy_s = perf_counter() - self.begin, process_time() - self._begin_cpu
        latencies = sorted(self.latencies)
        count = len(latencies)
        if self.refused > count * REFUSED_SHARE_MAX:
            raise RuntimeError(f"{self.refused} of {count} replies were refusals: these figures would say nothing")
        p50, p99, p999 = (quantile(latencies, share) * 1000 for share in (0.5, 0.99, 0.999))
        return Figures(count / spent, count, p50, p99, p999, self.refused, busy_s / spent)


async def keep_full(wires: Sequence[Wire], make: Make, in_flight: int, seconds: float) -> Figures:
    """Keep so many requests in flight on every connection, for so long. Raises RuntimeError for what went missing."""
    end = perf_counter() + seconds
    return await _keep_full(wires, make, in_flight, seconds, lambda _sent: perf_counter() < end)


async def send_all(wires: Sequence[Wire], make: Make, in_flight: int, requests: int) -> Figures:
    """Send about so many requests, of which so many are in flight on every connection. Raises RuntimeError."""
    return await _keep_full(wires, make, in_flight, SEND_ALL_S_MAX, lambda sent: sent < requests)


async def _keep_full(
    wires: Sequence[Wire], make: Make, in_flight: int, seconds: float, goes_on: Callable[[int], bool]
) -> Figures:
    run = _Run(wires)
    numbers = [0] * len(wires)

    def send(connection: int, count: int) -> None:
        first = numbers[connection]
        numbers[connection] = first + count
        run.missing += count
        wires[connection].send([make(connection, number) for number in range(first, first + count)])

    def follow(connection: int) -> Callable[[Wire, list[float], int], None]:
        def on_replies(_wire: Wire, latencies: list[float], refused: int) -> None:
            if run.sending and goes_on(len(run.latencies) + run.missing):
                send(connection, len(latencies))
            else:
                run.sending = False
            run.count(latencies, refused)

        return on_replies

    for connection, wire in enumerate(wires):
        wire.on_replies = follow(connection)
        send(connection, in_flight)
    return await run.figures(seconds)


async def offer(wires: Sequence[Wire], make: Make, per_second: float, seconds: float) -> Figures:
    """Offer so many requests a second, come what may: latency counts from when each was due. Raises RuntimeError."""
    run = _Run(wires)
    for wire in wires:
        wire.on_replies = lambda _wire, latencies, refused: run.count(latencies, refused)
    total, sent = int(per_second * seconds), 0
    while sent < total:
        due = min(total, 1 + int((perf_counter() - run.begin) * per_second))
        for number in range(sent, due):
            connection = number % len(wires)
            run.missing += 1
            wires[connection].send([make(connection, number)], run.begin + number / per_second)
        sent = due
        await asyncio.sleep(PACE_S)
    run.sending = False
    if not run.missing:
        run.finish()
    return await run.figures(seconds)


def median(runs: Sequence[Figures]) -> Figures:
    """Return the run in the middle."""
    return sorted(runs)[len(runs) // 2]
