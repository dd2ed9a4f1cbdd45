"""uvicorn's HTTP protocol with the limits that it lacks: on the time a request takes, and on connections.

Who connects and then says little is hung up on; who connects where too many have already hears so as a problem.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from cryptex.node.bare_answer import refuse_bytes, refuse_connection
from cryptex.node.bounded_h11 import BoundedH11
from cryptex.node.http import problem_response
from cryptex.protocol.problems import Code, Refusal

REQUEST_TIMEOUT_S: Final = 10.0
"""From the connection, or the first byte of a later request, until the request has arrived whole."""

REFUSED_TIMEOUT_S: Final = 2.0
"""The same for a connection that is one too many."""

REFUSED_AT_ONCE_MAX: Final = 256
"""Connections beyond the limit that wait to be told so; further ones are hung up on without a word."""

DEFAULT_HEADER_BYTES_MAX: Final = 16 * 1024
"""Where uvicorn is told no other."""

_ARRIVING: Final = (h11.IDLE, h11.SEND_BODY)
_UNANSWERED: Final = (h11.IDLE, h11.SEND_RESPONSE)


class BoundedHttpProtocol(H11Protocol):
    """Closes connections whose request does not arrive in time, and those beyond `connections_max`, of all kinds.

    So is one whose request's header is longer than uvicorn's setting.
    """

    connections_max: int
    _request_timer: asyncio.TimerHandle | None = None
    _upgraded = False
    _refused = False

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._header_bytes_max = config.h11_max_incomplete_event_size or DEFAULT_HEADER_BYTES_MAX
        self.conn = BoundedH11(self._header_bytes_max)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        surplus = len(self.connections) - self.connections_max
        if surplus > REFUSED_AT_ONCE_MAX:
            transport.abort()
            return
        if surplus > 0:
            self._refused = True
            self.app = problem_response(_too_many(self.connections_max), {"Connection": "close"})
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        super().data_received(data)
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over; from here on the websocket's own limits hold."""
        self._upgraded = True
        self._forget()
        if self._refused:
            refuse_connection(self.transport, _too_many(self.connections_max))
            return
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or one with too long a header, as a problem; uvicorn's `msg` says less."""
        if self.conn.our_state in _UNANSWERED:
            message = f"no HTTP request, or one whose header is over {self._header_bytes_max} bytes"
            refuse_bytes(self.transport, message)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Close, as the server stops. Never raises: that would keep the node from stopping in order."""
        if self.transport.is_closing():
            return
        try:
            super().shutdown()
        except h11.LocalProtocolError:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Let the clock run exactly while a request is arriving."""
        if self._upgraded or self.conn.their_state not in _ARRIVING:
            self._forget()
        elif self._request_timer is None:
            timeout_s = REFUSED_TIMEOUT_S if self._refused else REQUEST_TIMEOUT_S
            self._request_timer = self.loop.call_later(timeout_s, self._give_up)

    def _forget(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _give_up(self) -> None:
        self._request_timer = None
        self.transport.abort()


def bounded_http_protocol(connections_max: int) -> type[BoundedHttpProtocol]:
    """Return the protocol of a server that holds so many connections, websockets among them."""
    return type("BoundedHttpProtocol", (BoundedHttpProtocol,), {"connections_max": connections_max})


def _too_many(connections_max: int) -> Refusal:
    return Refusal(Code.UNAVAILABLE, "too many connections are open", connections=connections_max)
