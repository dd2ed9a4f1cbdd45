"""uvicorn's websocket protocol with the bounds that it lacks: on the handshake, on frames, on what it buffers."""

import asyncio
import socket
from typing import Final

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from cryptex.node.bare_answer import refuse_bytes

HANDSHAKE_TIMEOUT_S: Final = 5.0
"""From the upgrade until the websocket is open, or the peer has taken the answer that it is not."""

SEND_BUFFER_BYTES: Final = 128 * 1024
"""What the system may hold for a socket: what waits there grows old and can not be dropped any more."""

WRITE_BUFFER_BYTES_MAX: Final = 4 * 1024 * 1024
"""What waits in this process for a socket. Messages stop far below it, so a peer that gets here sends pings and reads
no pongs; it is hung up on."""

FRAGMENTS_MAX: Final = 256
"""Frames that a message may be cut into: without a bound, empty ones would fill the memory."""

EXTRA_FRAMES_PER_SECOND_MAX: Final = 500
"""Frames of a socket that begin no message: pings, pongs and fragments. Each costs the event loop some time."""

SLICE_BYTES: Final = 4 * 1024
"""What is parsed before the bounds are looked at again: a read may hold tens of thousands of frames."""

HANG_UP_S: Final = 5.0
"""How long a socket that is to be closed may take to swallow what waits for it."""

_POLICY_VIOLATION: Final = 1008
_TOO_BIG: Final = 1009


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Hangs up on peers that do not read, and on those that flood.

    How much one message of the app may hold is bounded by its outbox.
    """

    _hang_up: asyncio.TimerHandle | None = None
    _handshake_timer: asyncio.TimerHandle | None = None
    _second_ends = 0.0
    _extra_frames = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection."""
        super().connection_made(transport)
        self._handshake_timer = self.loop.call_later(HANDSHAKE_TIMEOUT_S, self._end_handshake)
        opened = transport.get_extra_info("socket")
        if opened is not None and opened.family != getattr(socket, "AF_UNIX", None):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        """Take frames; pings among them are answered at once, whatever waits."""
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.abort()  # frames before there is an answer to the handshake
            return
        for start in range(0, len(data), SLICE_BYTES):
            super().data_received(data[start : start + SLICE_BYTES])
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                refuse_bytes(self.transport, "no websocket handshake, or one with too many or too long headers")
            if self.transport.get_write_buffer_size() > WRITE_BUFFER_BYTES_MAX:
                self.transport.abort()
            if self.transport.is_closing():
                return

    def handle_ping(self) -> None:
        """Answer a ping."""
        if self._may_go_on():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Note that the peer is there."""
        if self._may_go_on():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take a further piece of a message."""
        if not self._may_go_on():
            return
        if len(self.frames) < FRAGMENTS_MAX:
            super().handle_cont(event)
        else:
            self._fail(_TOO_BIG, "too many fragments")

    def handle_parser_exception(self) -> None:
        """Say what was wrong with a frame, where there still is a way to say it."""
        if self.conn.close_sent is None:
            self.transport.abort()
        else:
            super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        """Close a connection whose peer answers no pings, whether or not it reads that it is closed."""
        super().keepalive_timeout()
        self._hang_up_soon()

    def send_500_response(self) -> None:
        """Answer a handshake that failed here, unless it has its answer."""
        if not self.conn.eof_sent and not self.transport.is_closing():
            super().send_500_response()

    def shutdown(self) -> None:
        """Close, as the server stops. Never raises: that would keep the node from stopping in order."""
        if self.transport.is_closing():
            self.stop_keepalive()
        elif not self.handshake_initiated:
            self.transport.abort()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        for timer in (self._hang_up, self._handshake_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Run the app; once it is done, nothing holds the connection for long."""
        app = self.app

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, send)
            if self.initial_response is not None and self.close_sent:
                self.handshake_complete = True  # a refusal is an answer too, which uvicorn takes for a fault

        self.app = answered
        try:
            await super().run_asgi()
        finally:
            self._hang_up_soon()

    def _end_handshake(self) -> None:
        if self.conn.state is State.CONNECTING:
            self.transport.abort()

    def _may_go_on(self) -> bool:
        """Count a frame that begins no message; return whether it is to be looked at."""
        if self.transport.is_closing():
            return False
        now = self.loop.time()
        if now >= self._second_ends:
            self._second_ends = now + 1.0
            self._extra_frames = 0
        self._extra_frames += 1
        if self._extra_frames <= EXTRA_FRAMES_PER_SECOND_MAX:
            return True
        self._fail(_POLICY_VIOLATION, "too many frames a second")
        return False

    def _fail(self, code: int, reason: str) -> None:
        self.frames.clear()
        self.conn.fail(code, reason)
        self.handle_parser_exception()
        self._hang_up_soon()

    def _hang_up_soon(self) -> None:
        if self._hang_up is None and not self.disconnected:
            self._hang_up = self.loop.call_later(HANG_UP_S, self.transport.abort)
