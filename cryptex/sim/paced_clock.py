"""A clock that goes along with the wall's: faster, slower, not at all, or a step at a time."""

from collections.abc import Callable
from typing import Final

from cryptex.sim.clock import VirtualClock

SPEED_MIN: Final = 0.1
SPEED_MAX: Final = 1000.0
CALLS_AT_ONCE_MAX: Final = 2_000
"""Calls that one `advance` makes at most, so that whoever drives the clock gets his turn."""


class PacedClock(VirtualClock):
    """The virtual clock's heap, where simulated time is speed x wall time.

    Whoever drives it calls `advance()` after `wait_ns()` of wall time, and before anything from outside enters the
    market. It makes the same calls in the same order as a VirtualClock: pace changes when they are made, never which.
    """

    __slots__ = ("_anchor_ns", "_anchor_wall_ns", "_paused", "_speed", "_wall")

    def __init__(self, wall_ns: Callable[[], int], speed: float = 1.0, time_ns: int = 0) -> None:
        """`wall_ns` reads the wall's clock in nanoseconds. Raises ValueError for a speed outside its bounds."""
        super().__init__(time_ns)
        self._wall = wall_ns
        self._speed = _checked(speed)
        self._paused = False
        self._anchor_ns = time_ns
        self._anchor_wall_ns = wall_ns()

    @property
    def speed(self) -> float:
        """Simulated seconds in a second of the wall."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        speed = _checked(speed)
        self._anchor()
        self._speed = speed

    @property
    def paused(self) -> bool:
        """Whether time stands still but for steps."""
        return self._paused

    def pause(self) -> None:
        """Let time stand still, where it should be by now; calls that are overdue stay so."""
        self._anchor()
        self._paused = True

    def resume(self) -> None:
        """Let time go on from where it stands."""
        self._paused = False
        self._anchor_ns, self._anchor_wall_ns = self.time_ns, self._wall()

    def advance(self, most: int = CALLS_AT_ONCE_MAX) -> int:
        """Make the calls that are due by now, at most so many; return how many."""
        if self._paused:
            return 0
        target_ns = self._target_ns()
        for made in range(most):
            next_ns = self.next_ns()
            if next_ns is None or next_ns > target_ns:
                self.time_ns = max(self.time_ns, target_ns)
                return made
            self.run_next()
        return most

    def wait_ns(self) -> int | None:
        """Return how much wall time is left until the next call: 0 when it is due; None while nothing will be."""
        next_ns = self.next_ns()
        if self._paused or next_ns is None:
            return None
        return max(0, int((next_ns - self._target_ns()) / self._speed))

    def step(self) -> bool:
        """Make the next call, whenever it is due, and pause there; return whether there was one."""
        made = self.run_next()
        self._paused = True
        return made

    def step_to(self, time_ns: int) -> None:
        """Make every call up to and including a time, at once, and pause there."""
        self.run_until(time_ns)
        self._paused = True

    def _target_ns(self) -> int:
        return self._anchor_ns + int((self._wall() - self._anchor_wall_ns) * self._speed)

    def _anchor(self) -> None:
        """Count from here on. A market that could not keep up is not made to catch up."""
        if not self._paused:
            next_ns, target_ns = self.next_ns(), self._target_ns()
            if next_ns is None or next_ns > target_ns:
                self.time_ns = max(self.time_ns, target_ns)
        self._anchor_ns, self._anchor_wall_ns = self.time_ns, self._wall()


def _checked(speed: float) -> float:
    if not SPEED_MIN <= speed <= SPEED_MAX:
        raise ValueError(f"speed must be {SPEED_MIN:g} to {SPEED_MAX:g}, not {speed:g}")
    return speed
