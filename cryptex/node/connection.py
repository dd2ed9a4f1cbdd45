"""One websocket's way out: a bounded outbox and the one task that writes from it.

Replies always arrive. Messages of channels are dropped where their reader is too slow: it is told so (`resync`), and
gets a snapshot of each such channel once everything before it has left.
"""

import asyncio
from typing import Final, NamedTuple, Protocol

from cryptex.node.event import Event
from cryptex.node.wire import Wire

OUTBOX_SOFT_BYTES: Final = 512 * 1024
OUTBOX_SOFT_MESSAGES: Final = 4_000
"""When more than this waits, what waits of channels is dropped and its subscriptions are told to resync."""

OUTBOX_BYTES_MAX: Final = 4 * 1024 * 1024
OUTBOX_MESSAGES_MAX: Final = 10_000
"""A consumer that lets more than this wait all the same (of replies, then) is closed with 1013."""

PAUSE_BYTES: Final = 512 * 1024
"""No more requests are read from a connection, nor snapshots made for it, while more than this waits."""

WRITE_BYTES_MAX: Final = 64 * 1024
"""What is handed to the socket in one go, unless a single message is longer."""

CLOSE_TIMEOUT_S: Final = 2.0
"""What waits in the outbox has this long to leave once the connection is to be closed."""

GOING_AWAY: Final = 1001
INTERNAL_ERROR: Final = 1011
TRY_AGAIN_LATER: Final = 1013
SESSION_ENDED: Final = 4401
STRANGER: Final = 4408


class Source(Protocol):
    """A channel, as its messages' way out sees it."""

    def fall_behind(self, connection: "Connection") -> bytes | None:
        """Send this connection no more for now; return the message that says so, None where it is not subscribed."""

    def catch_up(self, connection: "Connection") -> None:
        """Send this connection a snapshot, and updates from then on."""


class Slowness:
    """What slow consumers cost themselves so far, on all connections of a node."""

    def __init__(self) -> None:
        self.resyncs = 0
        self.dropped_messages = 0
        self.closed_connections = 0


class _Message:
    """`weight` is its bytes towards the limits. A snapshot weighs nothing: dropping it would help nobody."""

    __slots__ = ("source", "text", "weight")

    def __init__(self, text: bytes, source: Source | None, weight: int) -> None:
        self.text = text
        self.source = source
        self.weight = weight


class _Close(NamedTuple):
    code: int
    reason: str


class Connection:
    """Takes messages at any speed and writes them in order. `put`, `tell`, `show` and `close` never wait."""

    __slots__ = (
        "_behind",
        "_bytes",
        "_close",
        "_outbox",
        "_roomy",
        "_slowness",
        "_wake",
        "_weight",
        "_wire",
        "_writer",
    )

    def __init__(self, wire: Wire, slowness: Slowness | None = None) -> None:
        self._wire = wire
        self._slowness = slowness or Slowness()
        self._outbox: list[_Message] = []
        self._weight = 0
        self._bytes = 0
        self._behind: dict[Source, None] = {}
        self._wake = Event()
        self._roomy = Event(is_set=True)
        self._close: _Close | None = None
        self._writer: asyncio.Task[None] | None = None

    @property
    def closing(self) -> bool:
        """Whether nothing more can be said on this connection."""
        return self._close is not None

    def start(self) -> asyncio.Task[None]:
        """Begin to write. The task ends when the connection is closed or its peer is gone."""
        self._writer = asyncio.get_running_loop().create_task(self._write())
        return self._writer

    def put(self, text: bytes) -> None:
        """Send a reply, or other news that must not be lost, after the messages before it."""
        self._add(_Message(text, None, len(text)))

    def tell(self, source: Source, text: bytes) -> None:
        """Send an update of a channel, unless its reader turns out to be too slow for it."""
        if self._close is not None:
            return
        self._add(_Message(text, source, len(text)))
        if self._weight > OUTBOX_SOFT_BYTES or len(self._outbox) > OUTBOX_SOFT_MESSAGES:
            self._drop()

    def show(self, source: Source, text: bytes) -> None:
        """Send the snapshot of a channel."""
        self._add(_Message(text, source, 0))

    def forget(self, source: Source) -> None:
        """Let a channel that this connection has fallen behind of stay there."""
        self._behind.pop(source, None)

    def close(self, code: int, reason: str) -> None:
        """Close after what is in the outbox; the first reason counts."""
        if self._close is not None:
            return
        self._close = _Close(code, reason)
        self._behind.clear()
        self._wake.set()
        self._roomy.set()
        if self._writer is not None:  # a peer that reads nothing cannot keep the connection alive
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._writer.cancel)

    @property
    def crowded(self) -> bool:
        """Whether so much waits to be written that no more requests are read."""
        return self._bytes > PAUSE_BYTES and self._close is None

    async def roomy(self) -> None:
        """Return when little enough waits to be written that another request may be read."""
        if not self._roomy.is_set():
            await self._roomy.wait()

    def _add(self, message: _Message) -> None:
        if self._close is not None:
            return
        self._outbox.append(message)
        self._weight += message.weight
        self._bytes += len(message.text)
        if self._bytes > PAUSE_BYTES:
            self._roomy.clear()
        if message.source is None and (self._weight > OUTBOX_BYTES_MAX or len(self._outbox) > OUTBOX_MESSAGES_MAX):
            self._overflow()
        self._wake.set()

    def _overflow(self) -> None:
        """Too much waits: first what can be told again goes, then the connection."""
        if any(message.source is not None and message.weight for message in self._outbox):
            self._drop()
        if self._weight > OUTBOX_BYTES_MAX or len(self._outbox) > OUTBOX_MESSAGES_MAX:
            self._slowness.closed_connections += 1
            self._clear()
            self.close(TRY_AGAIN_LATER, "slow consumer")

    def _drop(self) -> None:
        """Drop what waits of channels, and say so for each of them, in the order of their first messages."""
        waiting, self._outbox = self._outbox, [each for each in self._outbox if each.source is None]
        sources = {each.source: None for each in waiting if each.source is not None}
        self._weight = sum(each.weight for each in self._outbox)
        self._bytes = sum(len(each.text) for each in self._outbox)
        self._slowness.dropped_messages += len(waiting) - len(self._outbox)
        if self._bytes <= PAUSE_BYTES:
            self._roomy.set()
        for source in sources:
            text = source.fall_behind(self)
            if text is not None:
                self._slowness.resyncs += 1
                self._behind[source] = None
                self._add(_Message(text, None, len(text)))

    def _clear(self) -> None:
        self._outbox.clear()
        self._weight = self._bytes = 0
        self._behind.clear()
        self._roomy.set()

    async def _write(self) -> None:
        try:
            while True:
                await self._write_outbox()
                if self._close is not None:
                    await self._wire.close(self._close.code, self._close.reason)
                    return
                if self._behind:  # one at a time: the next snapshot is made when this one has left
                    source = next(iter(self._behind))
                    del self._behind[source]
                    source.catch_up(self)
                    continue
                self._wake.clear()
                await self._wake.wait()
        except (OSError, RuntimeError):  # the peer is gone; a server says so in either way
            return
        finally:
            self._close = self._close or _Close(GOING_AWAY, "")
            self._clear()

    async def _write_outbox(self) -> None:
        while self._outbox:
            await self._wire.write(self._take())

    def _take(self) -> list[bytes]:
        """Take the next messages out of the outbox: one at least, and more as long as they are short together."""
        outbox = self._outbox
        texts: list[bytes] = []
        taken = 0
        for message in outbox:
            if texts and taken + len(message.text) > WRITE_BYTES_MAX:
                break
            texts.append(message.text)
            taken += len(message.text)
            self._weight -= message.weight
        del outbox[: len(texts)]
        self._bytes -= taken
        if self._bytes <= PAUSE_BYTES:
            self._roomy.set()
        return texts
