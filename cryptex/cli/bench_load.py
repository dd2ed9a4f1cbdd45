"""The load of `cryptex bench`: connections that keep a number of orders in flight, and time every reply.

A reply means that its command is on disk. The messages are written by hand and the replies barely read, so that this
process is not what is measured.
"""

import asyncio
import json
import ssl
from collections import Counter, deque
from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple

from websockets.asyncio.client import ClientConnection, connect

MID_PRICE: Final = 60_000
PRICE_SPAN: Final = 40
_HEAD_CHARS: Final = 64

Request = Callable[[int], str]
"""Makes a connection's request of a number."""

Progress = Callable[[int, int], None]


class Figures(NamedTuple):
    """What a load saw: durable replies, latencies in milliseconds, and how often which refusal came."""

    seconds: float
    replies: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    refusals: dict[str, int]


class Load(NamedTuple):
    """How much is asked for."""

    seconds: float
    in_flight: int


async def run_load(
    url: str,
    tokens: list[str],
    load: Load,
    make: Callable[[int], Request],
    tell: Progress,
    context: ssl.SSLContext | None = None,
) -> Figures:
    """Keep every connection's window full for so long, and return what was seen."""
    latencies: list[float] = []
    refusals: Counter[str] = Counter()
    sockets = [await _open(url, token, context) for token in tokens]
    begin = perf_counter()
    ticker = asyncio.create_task(_tell(tell, begin, load.seconds))
    try:
        workers = (
            _work(socket, make(index), begin + load.seconds, load.in_flight, latencies, refusals)
            for index, socket in enumerate(sockets)
        )
        await asyncio.gather(*workers)
        spent = perf_counter() - begin
    finally:
        ticker.cancel()
        for socket in sockets:
            await socket.close()
    latencies.sort()
    p50, p99, p999 = (quantile(latencies, share) * 1000 for share in (0.5, 0.99, 0.999))
    return Figures(spent, len(latencies), p50, p99, p999, dict(refusals))


def quantile(sorted_values: list[float], share: float) -> float:
    """Return the value below which this share lies; 0 without values."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] if sorted_values else 0.0


def crossing_order(connection: int, number: int) -> str:
    """Return the `number`-th order of a connection: small limits around one price, so that some trade and some rest."""
    draw = (number * 7919 + connection * 104_729) & 0xFFFF
    side = "buy" if draw & 1 else "sell"
    distance = (draw >> 1) % PRICE_SPAN
    price = MID_PRICE - distance + 8 if side == "buy" else MID_PRICE + distance - 8
    return (
        f'{{"market":"BTC-USDT","side":"{side}","type":"limit","size":"0.0002","price":"{price}",'
        '"self_trade_prevention":"cancel_oldest"}'
    )


def crossing(connection: int) -> Request:
    """Return orders for a private node."""

    def message(number: int) -> str:
        return f'{{"id":{number},"method":"order.place","params":{crossing_order(connection, number)}}}'

    return message


def resting(market: str, price: str, size: str, run_id: str) -> Callable[[int], Request]:
    """Return orders for a node that others use: each rests far below the market and is canceled by the next request."""

    def of(connection: int) -> Request:
        def message(number: int) -> str:
            key = f"bench-{run_id}-{connection}-{number // 2}"
            if number % 2:
                return f'{{"id":{number},"method":"order.cancel","params":{{"client_order_id":"{key}"}}}}'
            return (
                f'{{"id":{number},"method":"order.place","params":{{"market":"{market}","side":"buy","type":"limit",'
                f'"size":"{size}","price":"{price}","post_only":true,"client_order_id":"{key}"}}}}'
            )

        return message

    return of


async def _work(
    socket: ClientConnection,
    make: Request,
    end: float,
    in_flight: int,
    latencies: list[float],
    refusals: Counter[str],
) -> None:
    sent: deque[float] = deque()
    number = 0
    while True:
        now = perf_counter()
        while len(sent) < in_flight and (now < end or number % 2):  # an order is never left without its cancel
            await socket.send(make(number))
            sent.append(now)
            number += 1
        if not sent:
            return
        reply = str(await socket.recv())
        latencies.append(perf_counter() - sent.popleft())
        if '"ok":false' in reply[:_HEAD_CHARS]:
            refusals[json.loads(reply)["error"]["code"]] += 1


async def _open(url: str, token: str, context: ssl.SSLContext | None) -> ClientConnection:
    socket = await connect(url, ssl=context, compression=None, max_queue=None, proxy=None)
    await socket.send(json.dumps({"id": 0, "method": "login", "params": {"token": token}}))
    await socket.recv()
    return socket


async def _tell(tell: Progress, begin: float, seconds: float) -> None:
    while True:
        tell(int((perf_counter() - begin) * 1000), int(seconds * 1000))
        await asyncio.sleep(0.1)
