"""One websocket's way out: a bounded outbox and the one task that writes from it."""

import asyncio
from collections import deque
from typing import Final, NamedTuple

from starlette.types import Send

OUTBOX_BYTES_MAX: Final = 4 * 1024 * 1024
OUTBOX_MESSAGES_MAX: Final = 10_000
"""A consumer that lets more than this wait is closed with 1013."""

PAUSE_BYTES: Final = 512 * 1024
"""No more requests are read from a connection while more than this waits to be written to it."""

CLOSE_TIMEOUT_S: Final = 2.0
"""What waits in the outbox has this long to leave once the connection is to be closed."""

GOING_AWAY: Final = 1001
INTERNAL_ERROR: Final = 1011
TRY_AGAIN_LATER: Final = 1013
SESSION_ENDED: Final = 4401


class _Close(NamedTuple):
    code: int
    reason: str


class Connection:
    """Takes messages at any speed and writes them in order. `put` and `close` never wait."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._outbox: deque[str] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()
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

    def put(self, text: str) -> None:
        """Send a message after those before it. A consumer too slow for the outbox is closed."""
        if self._close is not None:
            return
        self._outbox.append(text)
        self._bytes += len(text)
        if self._bytes > PAUSE_BYTES:
            self._roomy.clear()
            if self._bytes > OUTBOX_BYTES_MAX:
                self._overflow()
        elif len(self._outbox) > OUTBOX_MESSAGES_MAX:
            self._overflow()
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """Close after what is in the outbox; the first reason counts."""
        if self._close is not None:
            return
        self._close = _Close(code, reason)
        self._wake.set()
        self._roomy.set()
        if self._writer is not None:  # a peer that reads nothing cannot keep the connection alive
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._writer.cancel)

    async def roomy(self) -> None:
        """Return when little enough waits to be written that another request may be read."""
        if not self._roomy.is_set():
            await self._roomy.wait()

    def _overflow(self) -> None:
        self._clear()
        self.close(TRY_AGAIN_LATER, "slow consumer")

    def _clear(self) -> None:
        self._outbox.clear()
        self._bytes = 0
        self._roomy.set()

    async def _write(self) -> None:
        outbox = self._outbox
        try:
            while True:
                while outbox:
                    text = outbox.popleft()
                    self._bytes -= len(text)
                    if self._bytes <= PAUSE_BYTES:
                        self._roomy.set()
                    await self._send({"type": "websocket.send", "text": text})
                if self._close is not None:
                    await self._send(
                        {"type": "websocket.close", "code": self._close.code, "reason": self._close.reason}
                    )
                    return
                self._wake.clear()
                await self._wake.wait()
        except (OSError, RuntimeError):  # the peer is gone; a server says so in either way
            return
        finally:
            self._close = self._close or _Close(GOING_AWAY, "")
            self._clear()
