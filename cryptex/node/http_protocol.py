"""uvicorn's HTTP protocol with the limits that it lacks: on headers, on the time a request takes, on connections.

Who connects and then says little is hung up on; who connects where too many have already hears so as a problem.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cryptex.node.bare_answer import answer, bad_request, refuse_bytes
from cryptex.node.callers import Callers
from cryptex.node.hosts import HostCheck
from cryptex.node.http import problem_response
from cryptex.node.websocket_protocol import BoundedWebSocketProtocol
from cryptex.protocol.problems import Code, Refusal

REQUEST_TIMEOUT_S: Final = 10.0
"""From the connection, or the first byte of a later request, until the request has arrived whole."""

REFUSED_TIMEOUT_S: Final = 2.0
"""The same for a connection that is one too many."""

REFUSED_AT_ONCE_MAX: Final = 256
"""Connections beyond the limit that wait to be told so; further ones are hung up on without a word."""

HEADER_BYTES_MAX: Final = 16 * 1024
"""The request line and all header lines of a request."""

TOO_MANY_RETRY_S: Final = 5
"""When an address that has too many connections may try again."""

_LINE_BYTES: Final = 4
"""What a header line has beside its name and value."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Closes connections whose request does not arrive in time, and those beyond `connections_max`, of all kinds.

    So is one whose request's header is longer than HEADER_BYTES_MAX. What is held of it never exceeds twice that.
    """

    connections_max: int
    callers: Callers
    """All connections of the server, by address."""
    is_own_host: HostCheck | None
    """Judges the Host of each request, where not every name is the node's."""
    _leave: Callable[[], None] | None = None
    _request_timer: asyncio.TimerHandle | None = None
    _arriving = True
    _in_header = True
    _header_bytes = 0
    """Of the header so far, as the parser gave it out."""
    _fed_bytes = 0
    """What the parser was given since the last request ended, which it may keep to itself."""
    _begun = False
    """Whether there has been a request."""
    _upgraded = False
    _refusal: Response | None = None
    """What is answered where nothing is done for this connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        surplus = len(self.connections) - self.connections_max
        if surplus > REFUSED_AT_ONCE_MAX:
            transport.abort()
            return
        if surplus > 0:
            self._refuse(_closing(_too_many(self.connections_max)))
        else:
            self._leave = self.callers.enter(transport.get_extra_info("peername"))
            if self._leave is None:
                self._refuse(_closing(_too_many_of_address(self.callers.per_address_max)))
        self._watch()

    def _refuse(self, response: Response) -> None:
        self._refusal = self.app = response

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        start = 0
        while start < len(data) and not self._upgraded and not self.transport.is_closing():
            piece = data[start : start + HEADER_BYTES_MAX]
            start += len(piece)
            self._fed_bytes += len(piece) if self._in_header else 0
            super().data_received(piece)
            if self._in_header and self._fed_bytes > HEADER_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("")
        self._watch()

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a request's header."""
        self._arriving = self._in_header = True
        self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line."""
        self._count(len(name) + len(value) + _LINE_BYTES)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to serve a request; its body may still be on its way."""
        self._in_header = False
        if self.is_own_host is not None and self._refusal is None:
            self._check_host(self.is_own_host)
        super().on_headers_complete()
        self._begun = True

    def _check_host(self, is_own: HostCheck) -> None:
        """Refuse a request for another host; one without a Host is no browser's."""
        for name, value in self.headers:
            if name == b"host" and not is_own(value):
                self._refuse(bad_request(_other_host()))
                return

    def on_message_complete(self) -> None:
        """Note that a request has arrived whole."""
        self._arriving = False
        self._in_header, self._fed_bytes = True, 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; from here on the websocket's own limits hold."""
        self._upgraded = True
        self._forget()
        if self._refusal is not None:
            answer(self.transport, self._refusal, self.server_state.default_headers)
            return
        super().handle_websocket_upgrade()
        self._count_on(self.transport.get_protocol())

    def _count_on(self, successor: asyncio.BaseProtocol) -> None:
        """Let who takes over the connection say when it is gone: this protocol will not hear of it."""
        if isinstance(successor, BoundedWebSocketProtocol):
            successor.left, self._leave = self._leave, None

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or one with too long a header, as a problem; uvicorn's `msg` says less.

        While an earlier request of the connection is under way the answer would be taken for that one's.
        """
        cycle = self.cycle
        if not self._begun or cycle.response_complete or (cycle.more_body and not cycle.response_started):
            message = f"no HTTP request, or one whose header is over {HEADER_BYTES_MAX} bytes"
            refuse_bytes(self.transport, message, self.server_state.default_headers)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        if self._leave is not None:
            self._leave()
        super().connection_lost(exc)

    def _count(self, count: int) -> None:
        """Count bytes of a header. Raises ValueError, which the parser takes for a fault of the request."""
        self._header_bytes += count
        if self._header_bytes > HEADER_BYTES_MAX:
            raise ValueError("the header is too long")

    def _watch(self) -> None:
        """Let the clock run exactly while a request is arriving."""
        if self._upgraded or not self._arriving or self.pipeline:
            self._forget()
        elif self._request_timer is None:
            timeout_s = REFUSED_TIMEOUT_S if self._refusal else REQUEST_TIMEOUT_S
            self._request_timer = self.loop.call_later(timeout_s, self._give_up)

    def _forget(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _give_up(self) -> None:
        self._request_timer = None
        self.transport.abort()


def bounded_http_protocol(
    connections_max: int, per_address_max: int, is_own_host: HostCheck | None = None
) -> type[BoundedHttpProtocol]:
    """Return the protocol of a server that holds so many connections, websockets among them; 0 is no limit."""
    bounds = {
        "connections_max": connections_max,
        "callers": Callers(per_address_max, connections_max),
        "is_own_host": None if is_own_host is None else staticmethod(is_own_host),
    }
    return type("BoundedHttpProtocol", (BoundedHttpProtocol,), bounds)


def _closing(refusal: Refusal) -> Response:
    return problem_response(refusal, {"Connection": "close"})


def _other_host() -> Refusal:
    detail = (
        "this node is for its own machine alone, and the Host of this request is another's: ask for localhost or "
        "127.0.0.1, or let its operator name the host in allowed_hosts, in [node] of the settings"
    )
    return Refusal(Code.INVALID_REQUEST, detail, field="host")


def _too_many(connections_max: int) -> Refusal:
    return Refusal(Code.UNAVAILABLE, "too many connections are open", connections=connections_max)


def _too_many_of_address(per_address_max: int) -> Refusal:
    detail = "too many connections of this address are open"
    return Refusal(Code.RATE_LIMITED, detail, retry_after=TOO_MANY_RETRY_S, connections=per_address_max)
