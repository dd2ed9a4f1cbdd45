"""uvicorn's HTTP protocol with a time limit on requests: who connects and then says little is hung up on."""

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_TIMEOUT_S: Final = 10.0
"""From the connection, or the first byte of a later request, until the request has arrived whole."""

_ARRIVING: Final = (h11.IDLE, h11.SEND_BODY)


class BoundedHttpProtocol(H11Protocol):
    """Closes connections whose request does not arrive in time. Sizes are bounded by uvicorn's settings."""

    _request_timer: asyncio.TimerHandle | None = None
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        super().data_received(data)
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over; from here on the websocket's own limits hold."""
        self._upgraded = True
        self._forget()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Let the clock run exactly while a request is arriving."""
        if self._upgraded or self.conn.their_state not in _ARRIVING:
            self._forget()
        elif self._request_timer is None:
            self._request_timer = self.loop.call_later(REQUEST_TIMEOUT_S, self._give_up)

    def _forget(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _give_up(self) -> None:
        self._request_timer = None
        self.transport.abort()
