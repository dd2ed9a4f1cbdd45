"""The only reader of the wall clock. Everything else is told what time it is."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import Final, Protocol

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

CALL_DELAY_S_MAX: Final = 1.0
"""A wall clock may jump, so no call waits longer than this before the caller looks at the time again."""


class Cancelable(Protocol):
    """A call that was asked for and may be taken back."""

    def cancel(self) -> None:
        """Take the call back; harmless when it has been made."""


class Clock(Protocol):
    """Time in nanoseconds since 1970, and calls at a time."""

    def now_ns(self) -> int:
        """Return the time now."""

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancelable:
        """Call back on the event loop around `time_ns`, possibly earlier: the callback looks at the time itself."""


class SystemClock:
    """The wall clock of this machine."""

    def now_ns(self) -> int:
        """Return the time now."""
        return time.time_ns()

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancelable:
        """Call back after the time that is left, and after `CALL_DELAY_S_MAX` at the latest."""
        delay_s = max(0.0, (time_ns - time.time_ns()) / NANOSECONDS_PER_SECOND)
        return asyncio.get_running_loop().call_later(min(delay_s, CALL_DELAY_S_MAX), callback)


class _ManualCall:
    """A call that a ManualClock makes when it is moved past its time."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget the callback."""
        self._callback = None

    def run(self) -> None:
        """Call back unless canceled."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class ManualClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, now_ns: int = 1_767_225_600 * NANOSECONDS_PER_SECOND) -> None:
        self._now_ns = now_ns
        self._calls: list[tuple[int, int, _ManualCall]] = []
        self._order = count()

    def now_ns(self) -> int:
        """Return the time it was set to."""
        return self._now_ns

    def call_at(self, time_ns: int, callback: Callable[[], None]) -> Cancelable:
        """Call back when the clock is moved to `time_ns` or beyond."""
        call = _ManualCall(callback)
        heapq.heappush(self._calls, (time_ns, next(self._order), call))
        return call

    def set(self, now_ns: int) -> None:
        """Move to a time, also backwards, and make the calls that became due."""
        self._now_ns = now_ns
        while self._calls and self._calls[0][0] <= now_ns:
            heapq.heappop(self._calls)[2].run()

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self.set(self._now_ns + round(seconds * NANOSECONDS_PER_SECOND))
