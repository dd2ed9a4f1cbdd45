"""uvicorn's websocket protocol with the bounds that it lacks (on the handshake, on frames, on what it buffers), and
with a way for many messages at once: plain ones are read here, and written together (see `wire`).
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import StatusLike

from cryptex.node.bare_answer import refuse_bytes, refuse_connection
from cryptex.node.event import Event
from cryptex.node.frames import FRAME_OVERHEAD_BYTES_MAX, read_frame, read_messages, text_frames
from cryptex.node.mailbox import Mailbox
from cryptex.node.wire import WIRE
from cryptex.protocol.problems import Code, Refusal

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

ARRIVED_BYTES_MAX: Final = 64 * 1024
"""No more is read from a socket while messages of more than this wait to be looked at."""

HANG_UP_S: Final = 5.0
"""How long a socket that is to be closed may take to swallow what waits for it."""

_POLICY_VIOLATION: Final = 1008
_TOO_BIG: Final = 1009


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Hangs up on peers that do not read, and on those that flood. It is the `Wire` of its websocket.

    How much one message of the app may hold is bounded by its outbox.
    """

    left: Callable[[], None] | None = None
    """Called when the connection is gone: who counts connections wants to know."""

    queue: Mailbox  # type: ignore[assignment]
    writable: Event  # type: ignore[assignment]
    _rest = b""
    """The beginning of a frame that has not arrived whole."""

    _hang_up: asyncio.TimerHandle | None = None
    _handshake_timer: asyncio.TimerHandle | None = None
    _second_ends = 0.0
    _extra_frames = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.queue = Mailbox(self.loop)
        self.writable = Event(is_set=True)
        self._reject = self.conn.reject
        self.conn.reject = self._reject_handshake  # type: ignore[method-assign]

    def _reject_handshake(self, status: StatusLike, text: str) -> Response:
        """Return the library's refusal of a handshake, with the headers of every answer."""
        response = self._reject(status, text)
        for name, value in self.default_headers:
            response.headers.setdefault(name.decode("ascii"), value.decode("ascii"))
        return response

    def start_keepalive(self) -> None:
        """Note that the websocket is open: what it was opened by is not needed any more, and there may be thousands."""
        super().start_keepalive()
        if self._handshake_timer is not None:
            self._handshake_timer.cancel()
            self._handshake_timer = None
        del self.request, self.response
        cast("dict[str, object]", self.scope).clear()

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
        if not self.handshake_complete:
            self._parse(data)
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                refuse_bytes(
                    self.transport,
                    "no websocket handshake, or one with too many or too long headers",
                    self.default_headers,
                )
            return
        self._take_frames(self._rest + data if self._rest else data)
        if self.queue.bytes > ARRIVED_BYTES_MAX and not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def _take_frames(self, data: bytes) -> None:
        """Take plain messages here and give every other frame, whole and alone, to the library."""
        self._rest = b""
        conn, arrived, start = self.conn, len(data), 0
        frame_bytes_max = self.config.ws_max_size + FRAME_OVERHEAD_BYTES_MAX
        while start < arrived and not self.transport.is_closing():
            if conn.state is not State.OPEN:
                self._parse(data[start:])
                return
            if conn.current_size is None:
                start, messages = read_messages(data, start, self.config.ws_max_size)
                if messages:
                    self.queue.add(messages)
                    continue
            end, _ = read_frame(data, start)
            if end > arrived and end - start <= frame_bytes_max:
                self._rest = data[start:]
                return
            self._parse(data[start:end])
            start = end

    def _parse(self, data: bytes) -> None:
        """Let the library take a frame; pings are answered at once, whatever waits."""
        super().data_received(data)
        if self.transport.get_write_buffer_size() > WRITE_BUFFER_BYTES_MAX:
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """Note a message that the library has put together; reading goes on until enough of them wait."""
        reading_paused, self.read_paused = self.read_paused, True
        super().send_receive_event_to_app()
        self.read_paused = reading_paused

    # The wire

    async def take(self) -> Sequence[bytes]:
        """Return what has arrived, waiting for at least one message; empty when the peer is gone."""
        messages = await self.queue.take()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        return messages

    async def write(self, texts: Sequence[bytes]) -> None:
        """Write texts in one go, once the socket takes them. Raises ClientDisconnected."""
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(text_frames(texts))

    async def close(self, code: int, reason: str) -> None:
        """Close the websocket; the library sees to the rest of it."""
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

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
        if not self.conn.eof_sent and not self.initial_response and not self.handshake_complete:
            refusal = Refusal(Code.INTERNAL_ERROR, "this request met a fault of the exchange")
            refuse_connection(self.transport, refusal, self.default_headers)

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
        if self.left is not None:
            self.left()
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Run the app; once it is done, nothing holds the connection for long."""
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), WIRE: self}  # type: ignore[dict-item]
        try:
            await super().run_asgi()
        finally:
            self._hang_up_soon()

    async def send(self, message: ASGISendEvent) -> None:
        """Take an event of the app."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True  # a refusal is an answer too, which uvicorn takes for a fault

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
