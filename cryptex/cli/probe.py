"""One ping over the websocket: whether it works, how long it takes, and what the node's clock says."""

import asyncio
import json
import ssl
from time import perf_counter, time
from typing import Final, NamedTuple

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from cryptex.client.errors import unreachable
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.protocol.times import time_ns

TIMEOUT_S: Final = 5.0
PINGS: Final = 5


class Seen(NamedTuple):
    """The shortest way there and back, and by how much this clock is ahead of the node's, as seen on that way."""

    latency_ms: float
    skew_s: float


def probe(url: str, context: ssl.SSLContext | None) -> Seen:
    """Ping a node's websocket a few times. Raises NodeUnreachableError."""
    try:
        return asyncio.run(asyncio.wait_for(_probe(socket_url(url), context), TIMEOUT_S))
    except (OSError, TimeoutError, WebSocketException, ValueError, KeyError) as error:
        raise unreachable(f"the websocket does not answer: {str(error) or type(error).__name__}") from None


async def _probe(url: str, context: ssl.SSLContext | None) -> Seen:
    seen: list[Seen] = []
    async with connect(url, ssl=context, compression=None, proxy=None) as socket:
        for number in range(PINGS):
            sent_s, begin = time(), perf_counter()
            await socket.send(json.dumps({"id": number, "method": "ping"}))
            reply = json.loads(await socket.recv())
            way_s = perf_counter() - begin
            node_s = time_ns(reply["time"]) / NANOSECONDS_PER_SECOND
            seen.append(Seen(way_s * 1000, sent_s + way_s / 2 - node_s))
    return min(seen)


def socket_url(url: str) -> str:
    """Return where a node's websocket is."""
    return f"ws{url.removeprefix('http')}/ws"
