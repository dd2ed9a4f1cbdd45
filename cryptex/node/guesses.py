"""Guessing at one account from many addresses: what fails too often makes new addresses wait, and nobody for good.

After `FAILURES_FREE` failures for a name, an address that is new to it waits before its next attempt: longer with
every failure, up to `WAIT_MAX_S`. The wait of an address is set when it first asks, and others' attempts never prolong
it: when it is over, one attempt is let through. Unknown names are treated like known ones.
"""

import math
from collections import OrderedDict
from typing import Final

from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

FAILURES_FREE: Final = 20
"""Failures for a name, from all addresses together, that make nobody wait."""

FORGIVEN_NS: Final = 60 * NANOSECONDS_PER_SECOND
"""One failure is forgotten in this time."""

WAIT_MAX_S: Final = 900
NAMES_MAX: Final = 20_000
TURNS_MAX: Final = 100_000
"""Names with failures and addresses that wait, at once; beyond it the oldest are forgotten."""

_DOUBLINGS_MAX: Final = 10
_WAIT_MAX_NS: Final = WAIT_MAX_S * NANOSECONDS_PER_SECOND
_TURN_KEPT_NS: Final = 2 * _WAIT_MAX_NS
"""How long a turn waits for its address to come back."""


class Guesses:
    """Counts the failures of names, and gives addresses their turns. Time is an argument, in nanoseconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._turns: OrderedDict[tuple[str, str], int] = OrderedDict()

    def failed(self, name: str, now_ns: int) -> None:
        """Count a failure."""
        level = self._level(name, now_ns) + 1.0
        self._failures.pop(name, None)
        self._failures[name] = (min(level, FAILURES_FREE + _DOUBLINGS_MAX + 1), now_ns)
        if len(self._failures) > NAMES_MAX:
            self._failures.popitem(last=False)

    def crowded(self, name: str, now_ns: int) -> bool:
        """Return whether new addresses have to wait for this name."""
        return self._level(name, now_ns) > FAILURES_FREE

    def wait_s(self, name: str, address: str, now_ns: int) -> float:
        """Return the seconds that a new address has to wait; 0.0 lets one attempt through."""
        if not self.crowded(name, now_ns):
            return 0.0
        left_ns = self._turns.get((name, address), now_ns - _TURN_KEPT_NS) - now_ns
        if -_TURN_KEPT_NS < left_ns <= 0:
            del self._turns[name, address]
            return 0.0
        if not 0 < left_ns <= _WAIT_MAX_NS:  # a new address, one that was long away, or a clock that was set back
            left_ns = self._wait_ns(name, now_ns)
            self._turns.pop((name, address), None)
            self._turns[name, address] = now_ns + left_ns
            if len(self._turns) > TURNS_MAX:
                self._turns.popitem(last=False)
        return left_ns / NANOSECONDS_PER_SECOND

    def _wait_ns(self, name: str, now_ns: int) -> int:
        doublings = min(self._level(name, now_ns) - FAILURES_FREE, _DOUBLINGS_MAX)
        return min(round(math.exp2(doublings) * NANOSECONDS_PER_SECOND), _WAIT_MAX_NS)

    def _level(self, name: str, now_ns: int) -> float:
        level, then_ns = self._failures.get(name, (0.0, now_ns))
        return max(0.0, level - max(0, now_ns - then_ns) / FORGIVEN_NS)
