"""Simulated time: what is to happen, in the order in which it happens.

`now()` and `call_at()` are all that a market and its bots see of a clock, so they cannot tell a virtual one, which
jumps from one call to the next, from a paced one, which goes along with the wall's.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

WORLD: Final = 0
"""Priority, among calls at one time, of what happens to the market from outside: news, attention, halts."""

ARRIVAL: Final = 1
"""Priority of commands that arrive at the exchange."""

TIMER: Final = 2
"""Priority of bots' timers."""

CALLS_AHEAD_MAX: Final = 1_000_000
"""Calls that may wait at once; a bot that sets timers without end meets it."""


class TooManyCalls(Exception):
    """Raised where more calls wait than CALLS_AHEAD_MAX."""


class Clock(Protocol):
    """What a market and its bots see of time."""

    def now(self) -> int:
        """Return the simulated time in nanoseconds since the start."""

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T, priority: int = TIMER) -> None:
        """Call `call(argument)` at a time; one in the past is now. Calls at one time go by priority, then by age."""


class VirtualClock:
    """A heap of calls keyed (time_ns, priority, sequence). Time goes as fast as the calls can be made."""

    __slots__ = ("_heap", "_sequence", "time_ns")

    def __init__(self, time_ns: int = 0) -> None:
        self.time_ns = time_ns
        self._heap: list[tuple[int, int, int, Callable[[Any], object], Any]] = []
        self._sequence = 0

    def now(self) -> int:
        """Return the simulated time in nanoseconds since the start."""
        return self.time_ns

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T, priority: int = TIMER) -> None:
        """Call `call(argument)` at a time; one in the past is now. Raises TooManyCalls."""
        if time_ns < self.time_ns:
            time_ns = self.time_ns
        if len(self._heap) >= CALLS_AHEAD_MAX:
            raise TooManyCalls(f"more than {CALLS_AHEAD_MAX} calls wait")
        self._sequence += 1
        heappush(self._heap, (time_ns, priority, self._sequence, call, argument))

    def next_ns(self) -> int | None:
        """Return the time of the next call, or None when nothing waits."""
        return self._heap[0][0] if self._heap else None

    def run_next(self) -> bool:
        """Make the next call; return whether there was one."""
        if not self._heap:
            return False
        self.time_ns, _, _, call, argument = heappop(self._heap)
        call(argument)
        return True

    def run_until(self, end_ns: int) -> None:
        """Make every call up to and including a time, which is the time afterwards."""
        heap = self._heap
        while heap and heap[0][0] <= end_ns:
            self.time_ns, _, _, call, argument = heappop(heap)
            call(argument)
        self.time_ns = max(self.time_ns, end_ns)
