"""The end of the token that a websocket speaks with, however it comes: told at once, by its time, or found out."""

import asyncio
from collections.abc import Callable
from typing import Final

from cryptex.node.clock import Clock
from cryptex.node.handle import Handle
from cryptex.node.identity import Identity
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

TOKEN_CHECK_S: Final = 60.0
"""How long a websocket may go on at most after a token that ended without this node being told, such as by idling."""


class TokenWatch:
    """Calls `ended` when a token is over, until it is stopped. `check` begins to look from time to time as well."""

    __slots__ = ("_clock", "_ended", "_handle", "_identity", "_recheck", "_stop_watching", "_stopped", "_timer")

    def __init__(self, identity: Identity, clock: Clock, handle: Handle, ended: Callable[[], None]) -> None:
        self._identity = identity
        self._clock = clock
        self._handle = handle
        self._ended = ended
        self._stop_watching = identity.watch(handle.hash, ended)
        self._timer: asyncio.TimerHandle | None = None
        self._recheck: asyncio.Task[None] | None = None
        self._stopped = False

    def check(self, expires_ns: int | None) -> None:
        """End it now if it has expired, else ask again in time: the clock here, the users store off the loop."""
        if self._stopped:
            return
        left_s = TOKEN_CHECK_S
        if expires_ns is not None:
            left_s = (expires_ns - self._clock.now_ns()) / NANOSECONDS_PER_SECOND
            if left_s <= 0:
                self._ended()
                return
        self._timer = asyncio.get_running_loop().call_later(min(left_s, TOKEN_CHECK_S), self._look, expires_ns)

    def stop(self) -> None:
        """Watch no more."""
        self._stopped = True
        self._stop_watching()
        if self._timer is not None:
            self._timer.cancel()
        if self._recheck is not None:
            self._recheck.cancel()

    def _look(self, expires_ns: int | None) -> None:
        self._recheck = asyncio.get_running_loop().create_task(self._look_again(expires_ns), name="token check")

    async def _look_again(self, expires_ns: int | None) -> None:
        try:
            await self._identity.recheck(self._handle)
        finally:  # whatever became of this check, others follow
            self.check(expires_ns)
