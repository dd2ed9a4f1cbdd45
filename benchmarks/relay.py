"""A relay between a terminal and its node: it makes the book busy, and notes when an order leaves and is answered."""

import asyncio
from time import perf_counter
from typing import Final, NamedTuple, Self, cast
from urllib.parse import urlsplit

import msgspec

from benchmarks.book_feed import BookFeed
from benchmarks.frames import Frames, served

BOOK_MESSAGE: Final = b'{"channel":"book"'
ORDER_METHOD: Final = b'"order.place"'
WAIT_S_MAX: Final = 10.0

_UPGRADE: Final = b"upgrade: websocket"
_HEAD_ENDS: Final = b"\r\n\r\n"


class _Named(msgspec.Struct):
    id: int


class _Reply(msgspec.Struct):
    id: int | None = None
    ok: bool = False
    result: msgspec.Raw = msgspec.Raw()


class Sent(NamedTuple):
    """An order that was answered: when it left, when its reply came, and its id."""

    sent_s: float
    replied_s: float
    order_id: int


class Relay:
    """Listens on a free port while it is used as an async context manager; `url` is then its address.

    Books that a terminal follows are fed with so many updates a second in the place of the node's own.
    """

    def __init__(self, node_url: str, updates_per_s: float) -> None:
        parts = urlsplit(node_url)
        self.node: Final = (parts.hostname or "", parts.port or 0)
        self.url = ""
        self.updates_per_s: Final = updates_per_s
        self.feeds: list[BookFeed] = []
        self.ends: set[_End] = set()
        self._orders: asyncio.Queue[Sent] = asyncio.Queue()
        self._waiting: tuple[int, float] | None = None

    @property
    def book_updates(self) -> int:
        """Updates that went to terminals."""
        return sum(feed.sent for feed in self.feeds)

    async def order(self) -> Sent:
        """Return the next order that was sent and accepted. Raises TimeoutError."""
        return await asyncio.wait_for(self._orders.get(), WAIT_S_MAX)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: _Near(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for end in self.ends:
            end.transport.abort()
        await asyncio.sleep(0)  # the transports close in the loop's next turn

    def asked(self, message: bytes) -> None:
        """Take note of a message to the node."""
        if ORDER_METHOD in message:
            self._waiting = (msgspec.json.decode(message, type=_Named).id, perf_counter())

    def answered(self, message: bytes) -> None:
        """Take note of a message from the node."""
        if self._waiting is None or not message.startswith(b'{"id":%d,' % self._waiting[0]):
            return
        reply = msgspec.json.decode(message, type=_Reply)
        if not reply.ok:
            raise RuntimeError(f"the order was refused: {message.decode()}")
        sent_s, self._waiting = self._waiting[1], None
        self._orders.put_nowait(Sent(sent_s, perf_counter(), msgspec.json.decode(reply.result, type=_Named).id))


class _End(asyncio.Protocol):
    """One end of a connection: what it hears it tells its peer."""

    transport: asyncio.Transport
    peer: "_End | None" = None

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._early = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)
        self._relay.ends.add(self)

    def data_received(self, data: bytes) -> None:
        """Pass it on, or keep it until there is a peer."""
        if self.peer is None:
            self._early += data
        else:
            self.heard(data, self.peer.transport)

    def heard(self, data: bytes, out: asyncio.Transport) -> None:
        """Pass on what was heard."""
        raise NotImplementedError

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the peer go too."""
        self._relay.ends.discard(self)
        if self.peer is not None:
            self.peer.transport.close()

    def join(self, peer: "_End") -> None:
        """Talk to a peer from here on."""
        self.peer = peer
        early, self._early = bytes(self._early), bytearray()
        if early:
            self.heard(early, peer.transport)
        if self.transport.is_closing():
            peer.transport.close()


class _Near(_End):
    """The terminal's end; it connects the other."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(relay)
        self._frames: Frames | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the node."""
        super().connection_made(transport)
        self._dialing = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        _, far = await asyncio.get_running_loop().create_connection(lambda: _Far(self._relay), *self._relay.node)
        far.join(self)
        self.join(far)

    def heard(self, data: bytes, out: asyncio.Transport) -> None:
        """Pass all of it on, then look whether an order is in it."""
        out.write(data)
        if self._frames is not None:
            for frame in self._frames.split(data):
                self._relay.asked(frame.body)
        elif _UPGRADE in data.lower():
            self._frames = Frames()


class _Far(_End):
    """The node's end; its messages about books are left out."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(relay)
        self._frames: Frames | None = None
        self._feeding: list[asyncio.Task[None]] = []

    def heard(self, data: bytes, out: asyncio.Transport) -> None:
        """Pass on what it says, but for the book."""
        if self._frames is None:
            if not data.startswith(b"HTTP/1.1 101"):
                out.write(data)
                return
            head, end, data = data.partition(_HEAD_ENDS)
            out.write(head + end)
            self._frames = Frames()
        for frame in self._frames.split(data):
            if frame.body.startswith(BOOK_MESSAGE):
                self._feed(frame.body, out)
            else:
                out.write(frame.whole)
                self._relay.answered(frame.body)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the feeds."""
        for task in self._feeding:
            task.cancel()
        super().connection_lost(exc)

    def _feed(self, message: bytes, out: asyncio.Transport) -> None:
        if b'"type":"snapshot"' not in message:
            return
        feed = BookFeed(message, self._relay.updates_per_s, lambda update: _written(out, served(update)))
        self._relay.feeds.append(feed)
        self._feeding.append(asyncio.get_running_loop().create_task(feed.run()))


def _written(out: asyncio.Transport, data: bytes) -> None:
    if not out.is_closing():
        out.write(data)
