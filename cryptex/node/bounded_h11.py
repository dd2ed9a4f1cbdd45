"""h11 with its bound on headers in force also where a header arrives in one read."""

from typing import Final

import h11

_TOO_LARGE: Final = 431


class BoundedH11(h11.Connection):
    """A server's side of a connection. h11 alone bounds only what is still incomplete."""

    def __init__(self, header_bytes_max: int) -> None:
        super().__init__(h11.SERVER, header_bytes_max)
        self._header_bytes_max = header_bytes_max

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return the next event. Raises RemoteProtocolError, also for a request whose header is too long."""
        if self.their_state is not h11.IDLE:
            return super().next_event()
        waiting = len(self.trailing_data[0])
        event = super().next_event()
        if isinstance(event, h11.Request) and waiting - len(self.trailing_data[0]) > self._header_bytes_max:
            raise h11.RemoteProtocolError("the header is too long", error_status_hint=_TOO_LARGE)
        return event
