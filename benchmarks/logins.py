"""Logins: `python -m benchmarks.logins` prints how long those of unknown and of known names take, and how long orders
take while 200 logins are under way all the time, as a ratio to the same orders without them.
"""

import argparse
import asyncio
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Final

from benchmarks.load import Figures, offer
from benchmarks.loop import run
from benchmarks.orders import connect_traders, place
from benchmarks.servers import PASSWORD, run_node
from cryptex.client.errors import AccessError
from cryptex.client.rest import RestClient
from cryptex.protocol.codec import encode_json

CONNECTIONS: Final = 8
PER_SECOND: Final = 300
LOGINS: Final = 200
PAIRS: Final = 100
_HEAD: Final = "POST /sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"


def guess_ms(url: str, name: str) -> float:
    """Return how long the node takes to refuse a wrong password."""
    client, begin = RestClient(url), perf_counter()
    try:
        client.login(name, "a wrong password")
    except AccessError:
        return (perf_counter() - begin) * 1000
    raise RuntimeError("a wrong password was taken")


def names_line(url: str, pairs: int) -> str:
    """Return what is seen of unknown and known names, asked for in turns, so that both meet the same machine."""
    seen: dict[str, list[float]] = {"load-0": [], "nobody-has-this-name": []}
    for pair in range(pairs):
        for name in sorted(seen, reverse=bool(pair % 2)):
            seen[name].append(guess_ms(url, name))
    known, unknown = map(median, seen.values())
    return f"names    known p50 {known:.2f} ms   unknown p50 {unknown:.2f} ms   ratio {unknown / known:.3f}"


async def keep_logging_in(url: str, at_once: int) -> None:
    """Keep so many logins under way until it is canceled."""
    host, _, port = url.removeprefix("http://").partition(":")
    body = encode_json({"username": f"load-{CONNECTIONS}", "password": PASSWORD})  # none of those who trade
    request = _HEAD.format(length=len(body)).encode() + body

    async def keep() -> None:
        while True:
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(request)
                await reader.read()
            finally:
                writer.close()

    await asyncio.gather(*(keep() for _ in range(at_once)))


async def orders(url: str, tokens: Sequence[str], per_second: float, seconds: float, logins: int) -> Figures:
    """Return what a steady load of orders sees, with so many logins under way."""
    traders = await connect_traders(url, tokens)
    beside = asyncio.ensure_future(keep_logging_in(url, logins)) if logins else None
    try:
        return await offer(traders, place, per_second, seconds)
    finally:
        if beside is not None:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
        for wire in traders:
            wire.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--logins", type=int, default=LOGINS)
    parser.add_argument("--per-second", type=float, default=PER_SECOND)
    options = parser.parse_args()
    with run_node(CONNECTIONS + 1) as node:
        traders = node.tokens[:CONNECTIONS]
        print(names_line(node.url, options.pairs))
        ratios = []
        for _ in range(options.runs):
            alone, beside = (
                run(orders(node.url, traders, options.per_second, options.seconds, logins))
                for logins in (0, options.logins)
            )
            print(alone.line("alone"))
            print(beside.line("logins"))
            ratios.append(beside.p99_ms / alone.p99_ms)
        print(f"ratio    p99 with {options.logins} logins under way: {median(ratios):.2f} of alone")


if __name__ == "__main__":
    main()
