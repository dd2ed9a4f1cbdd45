"""All websockets of a node: who may open one, how many there are, and how they end before a planned stop."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from cryptex.node.connection import GOING_AWAY
from cryptex.node.door import Door
from cryptex.node.event import Event
from cryptex.node.feed import Feed
from cryptex.node.http import problem_response
from cryptex.node.identity import Identity
from cryptex.node.rates import address_of, host_of
from cryptex.node.signatures import Signatures
from cryptex.node.stream import Stream
from cryptex.node.stream_methods import METHODS
from cryptex.node.trading import Trading
from cryptex.node.wire import wire_of
from cryptex.protocol.channels import StatusMessage
from cryptex.protocol.codec import encode_json
from cryptex.protocol.problems import Code, Refusal

CONNECTION_BITS: Final = 32
SHUTDOWN_TIMEOUT_S: Final = 1.0
_SHUTDOWN: Final = encode_json(StatusMessage(type="shutdown"))
_DENIAL: Final = "websocket.http.response"


class Streams:
    """The ASGI endpoint of `/ws`."""

    def __init__(self, trading: Trading, identity: Identity, feed: Feed, signatures: Signatures) -> None:
        self._signatures = signatures
        self._trading = trading
        self._identity = identity
        self._feed = feed
        self._streams: dict[Stream, Event] = {}
        self._opened = 0
        self._stopping = False

    def __len__(self) -> int:
        """Return how many websockets are open."""
        return len(self._streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket from its handshake to its end."""
        await receive()  # websocket.connect
        refusal = self._denial(Headers(scope=scope))
        if refusal is not None:
            await _deny(refusal, scope, receive, send)
            return
        self._opened += 1
        connection_id = self._trading.core.epoch << CONNECTION_BITS | self._opened
        door = Door(self._identity, self._signatures, address_of(scope), host_of(scope))
        stream = Stream(METHODS, self._trading, door, self._feed, connection_id, wire_of(scope, receive, send))
        ended = self._streams[stream] = Event()
        try:
            await send({"type": "websocket.accept"})
            await stream.run()
        except OSError:  # the peer left during the handshake
            return
        finally:
            del self._streams[stream]
            ended.set()

    async def shutdown(self) -> None:
        """Tell every websocket that the node stops, close it, and wait a bounded while until all are closed."""
        self._stopping = True
        retiring = [asyncio.ensure_future(self._retire(stream, ended)) for stream, ended in list(self._streams.items())]
        if retiring:
            await asyncio.wait(retiring, timeout=SHUTDOWN_TIMEOUT_S)
        for each in retiring:
            each.cancel()

    async def _retire(self, stream: Stream, ended: Event) -> None:
        await stream.retire(_SHUTDOWN, GOING_AWAY, "shutdown")
        await ended.wait()

    def _denial(self, headers: Headers) -> Refusal | None:
        if not _same_origin(headers):
            return Refusal(Code.FORBIDDEN, "websockets are not open to pages of other origins")
        if self._stopping:
            return Refusal(Code.UNAVAILABLE, "the node is stopping")
        if len(self._streams) >= self._trading.core.settings.limits.connections:
            return Refusal(Code.UNAVAILABLE, "too many websockets are open")
        return None


def _same_origin(headers: Headers) -> bool:
    """Programs send no Origin; a browser's must be a page of this very host."""
    origins = headers.getlist("origin")
    if not origins:
        return True
    try:
        host = urlsplit(origins[0]).netloc
    except ValueError:
        return False
    return len(origins) == 1 and bool(host) and host.lower() == headers.get("host", "").lower()


async def _deny(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a handshake: foreign pages with a bare 403, programs with a problem that says why."""
    if refusal.code is not Code.FORBIDDEN and _DENIAL in scope.get("extensions", {}):
        await problem_response(refusal)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.code.value})
