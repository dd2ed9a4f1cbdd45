"""Connections that cost the load generator little: requests go out as bytes, replies are only counted and timed.

A client library would be busier than the server it measures, and then the library is what is measured.
"""

import asyncio
import socket
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final, TypeVar, cast
from urllib.parse import urlsplit

W = TypeVar("W", bound="Wire")
Reply = tuple[int, bool, bool]
"""(where it ends in what has arrived, whether it answers a request, whether it refuses)."""

_TEXT: Final = 0x81
_PING, _PONG, _CLOSE = 0x89, 0x8A, 0x88
_MASKED: Final = 0x80
_NO_MASK: Final = bytes(4)
_LENGTH_16: Final = 126
_LENGTH_64: Final = 127
_HEAD_BYTES: Final = 40
_CONTENT_LENGTH: Final = b"content-length: "


class Wire(asyncio.Protocol):
    """One connection. `on_replies` hears of each reply's latency, in seconds, and of how many were refusals."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.sent: deque[float] = deque()
        self.on_replies: Callable[[Wire, list[float], int], None] = _ignore
        self.closed = False
        self._arrived = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note: whoever still waits for replies has to fail."""
        self.closed = True

    def send(self, requests: list[bytes], due: float | None = None) -> None:
        """Send requests in one write. Their latency counts from `due`, or from now."""
        now = perf_counter() if due is None else due
        self.sent.extend([now] * len(requests))
        self.transport.write(b"".join(requests))

    def data_received(self, data: bytes) -> None:
        """Split what arrived into replies, and time them."""
        arrived = self._arrived
        arrived += data
        now, latencies, refused, begin = perf_counter(), list[float](), 0, 0
        while (reply := self.next_reply(arrived, begin)) is not None:
            begin, is_reply, is_refusal = reply
            if is_reply:
                latencies.append(now - self.sent.popleft())
                refused += is_refusal
        del arrived[:begin]
        if latencies:
            self.on_replies(self, latencies, refused)

    def next_reply(self, arrived: bytearray, begin: int) -> Reply | None:
        """Return what begins there; None until it is whole."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        self.transport.close()


class HttpWire(Wire):
    """Keep-alive HTTP/1.1; every answer has a Content-Length."""

    def next_reply(self, arrived: bytearray, begin: int) -> Reply | None:
        """Return the next answer; 2xx is none that refuses."""
        head = arrived.find(b"\r\n\r\n", begin)
        if head < 0:
            return None
        at = arrived.index(_CONTENT_LENGTH, begin, head + 2) + len(_CONTENT_LENGTH)
        end = head + 4 + int(arrived[at : arrived.index(b"\r", at)])
        return (end, True, arrived[begin + 9] != ord("2")) if end <= len(arrived) else None


class SocketWire(Wire):
    """A websocket whose frames the server sends whole; pushed messages are `pushed`, and not replies."""

    def __init__(self) -> None:
        super().__init__()
        self.pushed = 0
        self._open = asyncio.get_running_loop().create_future()

    async def shake_hands(self, host: str) -> None:
        """Ask for the websocket."""
        self.transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {b64encode(bytes(16)).decode()}\r\n\r\n".encode()
        )
        await self._open

    def data_received(self, data: bytes) -> None:
        """Take frames; before them, the answer to the handshake."""
        if not self._open.done():
            self._arrived += data
            end = self._arrived.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._arrived.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(f"no websocket: {bytes(self._arrived[:100])!r}")
            data = bytes(self._arrived[end + 4 :])
            self._arrived.clear()
            self._open.set_result(None)
        super().data_received(data)

    def next_reply(self, arrived: bytearray, begin: int) -> Reply | None:
        """Return the next frame; pings are answered."""
        have = len(arrived) - begin
        if have < 2:
            return None
        length, body = arrived[begin + 1], begin + 2
        if length == _LENGTH_16:
            body += 2
        elif length == _LENGTH_64:
            body += 8
        if len(arrived) < body:
            return None
        if length >= _LENGTH_16:
            length = int.from_bytes(arrived[begin + 2 : body])
        end = body + length
        if end > len(arrived):
            return None
        if arrived[begin] != _TEXT:
            self._control(arrived[begin], bytes(arrived[body:end]))
            return end, False, False
        head = arrived[body : body + _HEAD_BYTES]
        if not head.startswith(b'{"id":'):
            self.pushed += 1
            return end, False, False
        return end, True, b'"ok":false' in head

    def _control(self, kind: int, body: bytes) -> None:
        if kind == _PING:
            self.transport.write(frame(body, _PONG))
        elif kind == _CLOSE:
            self.transport.close()


def frame(text: bytes, kind: int = _TEXT) -> bytes:
    """Return a client's frame. Its mask is zero, which is a mask like any other to the server."""
    length = len(text)
    if length < _LENGTH_16:
        return bytes((kind, _MASKED | length)) + _NO_MASK + text
    return bytes((kind, _MASKED | _LENGTH_16)) + length.to_bytes(2) + _NO_MASK + text


def post(host: str, path: str, token: str | None, body: bytes) -> bytes:
    """Return an HTTP request with a JSON body."""
    authorization = "" if token is None else f"Authorization: Bearer {token}\r\n"
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


async def connect_http(url: str, count: int) -> list[HttpWire]:
    """Return so many connections to a server."""
    return [await _connect(url, HttpWire) for _ in range(count)]


async def connect_socket(url: str, token: str | None = None) -> SocketWire:
    """Return a websocket of a server, logged in if there is a token. `url` is the server's, with http."""
    wire = await _connect(url, SocketWire)
    await wire.shake_hands(urlsplit(url).netloc)
    if token is not None:
        await ask(wire, frame(f'{{"id":0,"method":"login","params":{{"token":"{token}"}}}}'.encode()))
    return wire


async def connect_book(url: str) -> SocketWire:
    """Return a websocket of a node that follows the book."""
    wire = await connect_socket(url)
    await ask(wire, frame(b'{"id":0,"method":"subscribe","params":{"channel":"book","markets":["BTC-USDT"]}}'))
    return wire


async def _connect(url: str, kind: Callable[[], W]) -> W:
    parts = urlsplit(url)
    _, wire = await asyncio.get_running_loop().create_connection(kind, parts.hostname or "", parts.port or 0)
    return wire


async def ask(wire: Wire, request: bytes) -> None:
    """Send one request and wait for its reply. Raises RuntimeError for a refusal."""
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    wire.on_replies = lambda _wire, _latencies, refused: done.set_result(refused)
    wire.send([request])
    if await done:
        raise RuntimeError(f"refused: {request!r}")
    wire.on_replies = _ignore


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ignore(_wire: Wire, _latencies: list[float], _refused: int) -> None:
    return
