"""The last updates of a channel, kept so that who missed some gets those alone instead of a snapshot. Pure."""

from collections import deque
from typing import Final, NamedTuple

UPDATES_KEPT_MAX: Final = 1_000
"""Updates that are kept of each channel."""

BACKLOG_BYTES_MAX: Final = 1024 * 1024
"""Text that is kept of each channel; who missed more is served better by a snapshot."""

BACKLOGS_BYTES_MAX: Final = 64 * 1024 * 1024
"""Text that a node keeps of all its channels together."""


class Budget:
    """How much text the backlogs of a node hold together."""

    def __init__(self, maximum: int = BACKLOGS_BYTES_MAX) -> None:
        self.maximum = maximum
        self.used = 0


class _Update(NamedTuple):
    sequence: int
    text: bytes


class Backlog:
    """A channel's chain from `start` on: each update follows the one before it, the first one follows `start`."""

    def __init__(self, start: int, budget: Budget) -> None:
        self._start = start
        self._updates: deque[_Update] = deque()
        self._bytes = 0
        self._budget = budget

    def __len__(self) -> int:
        """Return how many updates are kept."""
        return len(self._updates)

    def add(self, sequence: int, text: bytes) -> None:
        """Keep the next update, at the cost of the oldest ones."""
        self._updates.append(_Update(sequence, text))
        self._bytes += len(text)
        self._budget.used += len(text)
        while (
            len(self._updates) > UPDATES_KEPT_MAX
            or self._bytes > BACKLOG_BYTES_MAX
            or (self._budget.used > self._budget.maximum and self._updates)
        ):
            self._forget_oldest()

    def after(self, sequence: int) -> list[bytes] | None:
        """Return the updates after a message of this chain; None where that message is too old, or not of this chain.

        O(missed updates), so that who comes back soon costs little.
        """
        missed: list[bytes] = []
        for update in reversed(self._updates):
            if update.sequence <= sequence:
                if update.sequence < sequence:
                    return None
                break
            missed.append(update.text)
        else:
            if sequence != self._start:
                return None
        missed.reverse()
        return missed

    def clear(self) -> None:
        """Give all memory back. The chain ends here."""
        while self._updates:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        oldest = self._updates.popleft()
        self._start = oldest.sequence
        self._bytes -= len(oldest.text)
        self._budget.used -= len(oldest.text)
