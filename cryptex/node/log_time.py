"""Log time never goes back, a clock may: then whatever is timed by the log is late, and an operator should know."""

import logging
from typing import Final

from cryptex.node.clock import Clock
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

LOG_AHEAD_WARNING_NS: Final = NANOSECONDS_PER_SECOND
"""A log that is further ahead of the clock is worth a warning."""

_log: Final = logging.getLogger(__name__)


class LogTime:
    """Compares log time with the clock, and warns once each time that it gets ahead."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = False

    def note(self, log_time_ns: int) -> None:
        """Look at the time of what was just applied."""
        ahead_ns = log_time_ns - self._clock.now_ns()
        if ahead_ns <= LOG_AHEAD_WARNING_NS:
            self._ahead = False
        elif not self._ahead:
            self._ahead = True
            late = f"{ahead_ns / NANOSECONDS_PER_SECOND:.1f} s"
            _log.warning("log time is %s ahead of the clock; the dead man's switch and expires_at are as late", late)
