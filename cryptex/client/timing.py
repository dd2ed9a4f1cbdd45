"""Time and chance as parameters, and the waits between attempts to reconnect."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

BACKOFF_FIRST_S: Final = 0.25
BACKOFF_MAX_S: Final = 8.0
_DOUBLINGS_MAX: Final = 16


@dataclass(frozen=True)
class Timing:
    """Where the SDK gets time and chance from; tests bring their own."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds; only differences mean something."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Wait that many seconds."""
    random: Callable[[], float] = random.random
    """A number in [0, 1)."""


class Backoff:
    """Exponential backoff with full jitter: any wait between nothing and a ceiling that doubles up to a limit.

    Full jitter spreads the clients of a restarted node evenly, so that they do not all come back at once.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._attempts = 0

    def next_s(self) -> float:
        """Return the seconds to wait before the next attempt."""
        ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0**self._attempts)
        self._attempts = min(self._attempts + 1, _DOUBLINGS_MAX)
        return self._random() * ceiling_s

    def reset(self) -> None:
        """Begin again with short waits."""
        self._attempts = 0
