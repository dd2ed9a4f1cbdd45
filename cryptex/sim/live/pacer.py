"""Keeps a paced clock going on a node's event loop, a little at a time."""

import logging
from collections.abc import Callable
from typing import Final

from cryptex.node.clock import Cancelable, Clock
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.paced_clock import PacedClock

CALLS_A_TURN_MAX: Final = 64
"""Calls that are made before the node has its turn: they take about a millisecond."""

TURN_NS_MIN: Final = NANOSECONDS_PER_SECOND // 50
"""The pause between turns while nothing is late: what falls due in it is journaled together, which leaves the journal
to other people's orders."""

STALL_NS_MAX: Final = 2 * NANOSECONDS_PER_SECOND
"""After a longer stall (a laptop that slept, a node that is busy) time goes on from where it stood."""

_log: Final = logging.getLogger(__name__)


class Pacer:
    """Makes the calls of a clock when they are due, until it is stopped, or one of them fails."""

    def __init__(self, clock: PacedClock, wall: Clock) -> None:
        self._clock = clock
        self._wall = wall
        self._alarm: Cancelable | None = None
        self._seen_ns = 0
        self.running = False

    def start(self) -> None:
        """Let time go on from where the clock stands."""
        self.running = True
        self._clock.resume()
        self._seen_ns = self._wall.now_ns()
        self._turn()

    def stop(self) -> None:
        """Make no more calls."""
        self.running = False
        if self._alarm is not None:
            self._alarm.cancel()

    def guarded(self, call: Callable[[], object]) -> None:
        """Call; a fault is logged and stops all of it, and nothing else of the node."""
        try:
            call()
        except Exception:
            _log.exception("the simulated traders failed; the node goes on without them")
            self.stop()

    def _turn(self) -> None:
        self.guarded(self._advance)

    def _advance(self) -> None:
        if not self.running:
            return
        clock, now_ns = self._clock, self._wall.now_ns()
        if not 0 <= now_ns - self._seen_ns <= STALL_NS_MAX:
            clock.pause()
            clock.resume()
        self._seen_ns = now_ns
        clock.advance(CALLS_A_TURN_MAX)
        wait_ns = clock.wait_ns()
        if wait_ns is not None:
            self._alarm = self._wall.call_at(now_ns + (wait_ns and max(wait_ns, TURN_NS_MIN)), self._turn)
