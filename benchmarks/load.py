"""The load of the node benchmark: connections that keep a number of orders in flight, and time every reply."""

import asyncio
import json
from collections import deque
from time import perf_counter
from typing import Final, NamedTuple

from websockets.asyncio.client import ClientConnection, connect

CONNECTIONS: Final = 16
IN_FLIGHT: Final = 16
MID_PRICE: Final = 60_000
PRICE_SPAN: Final = 40


class Figures(NamedTuple):
    """What a load run saw; latencies in milliseconds."""

    replies_per_s: float
    latency_ms_p50: float
    latency_ms_p99: float
    latency_ms_p999: float
    refused: int


def order_text(connection: int, number: int) -> str:
    """Return the `number`-th order of a connection: small limits around one price, so that some trade and some rest."""
    draw = (number * 7919 + connection * 104_729) & 0xFFFF
    side = "buy" if draw & 1 else "sell"
    distance = (draw >> 1) % PRICE_SPAN
    price = MID_PRICE - distance + 8 if side == "buy" else MID_PRICE + distance - 8
    return (
        f'{{"id":{number},"method":"order.place","params":{{"market":"BTC-USDT","side":"{side}","type":"limit",'
        f'"size":"0.0002","price":"{price}","self_trade_prevention":"cancel_oldest"}}}}'
    )


async def run_load(url: str, tokens: list[str | None], seconds: float) -> Figures:
    """Keep every connection's window full for so many seconds and return what was seen."""
    latencies: list[float] = []
    refused = 0
    sockets = [await _open(url, token) for token in tokens]
    begin = perf_counter()
    end = begin + seconds

    async def work(connection: int, socket: ClientConnection) -> None:
        nonlocal refused
        sent: deque[float] = deque()
        number = 0
        while True:
            now = perf_counter()
            while len(sent) < IN_FLIGHT and now < end:
                await socket.send(order_text(connection, number))
                sent.append(now)
                number += 1
            if not sent:
                return
            reply = await socket.recv()
            latencies.append(perf_counter() - sent.popleft())
            if '"ok":false' in str(reply[:40]):
                refused += 1

    await asyncio.gather(*(work(index, socket) for index, socket in enumerate(sockets)))
    spent = perf_counter() - begin
    for socket in sockets:
        await socket.close()
    latencies.sort()
    count = len(latencies)

    def quantile_ms(share: float) -> float:
        return latencies[min(count - 1, int(count * share))] * 1000

    return Figures(count / spent, quantile_ms(0.5), quantile_ms(0.99), quantile_ms(0.999), refused)


async def _open(url: str, token: str | None) -> ClientConnection:
    socket = await connect(url, compression=None, max_queue=None)
    if token is not None:
        await socket.send(json.dumps({"id": 0, "method": "login", "params": {"token": token}}))
        reply = json.loads(await socket.recv())
        if not reply["ok"]:
            raise RuntimeError(f"login failed: {reply}")
    return socket


async def listen(url: str, count: int, stop: asyncio.Event) -> int:
    """Follow the book on so many connections until told to stop; return how many messages came."""
    received = 0

    async def follow(socket: ClientConnection) -> None:
        nonlocal received
        async for _ in socket:
            received += 1

    sockets = [await connect(url, compression=None, max_queue=None) for _ in range(count)]
    for socket in sockets:
        await socket.send('{"id":1,"method":"subscribe","params":{"channel":"book","markets":["BTC-USDT"]}}')
    tasks = [asyncio.create_task(follow(socket)) for socket in sockets]
    await stop.wait()
    for socket in sockets:
        await socket.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return received
