"""What became of commands, and who hears of it."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from cryptex.protocol.commands import Stamped
from cryptex.protocol.events import Event
from cryptex.protocol.views import OrderView

ENVIRONMENTAL: Final = (MemoryError, OSError)
"""Faults of the machine: never a command's doing, so no command is voided for them."""


class Applied(NamedTuple):
    """What one durable command did."""

    sequence: int
    time_ns: int
    events: list[Event]


class Reply(NamedTuple):
    """The answer to a command; `order` is the order it was about, as it stood right after the command."""

    answer: Event
    order: OrderView | None
    sequence: int
    time_ns: int


class Publisher(Protocol):
    """Hears of every batch on the event loop, after it is durable and applied and before its senders do."""

    def publish(self, batch: list[Applied]) -> None:
        """Take note of a batch; the exchange stands as it is after the last command of it."""


class Meter(Protocol):
    """Is told of each batch, once for each thing that becomes of it."""

    def committed(self, commands: int, seconds: float) -> None:
        """Take note of a batch that is on disk, and how long that took."""

    def applied(self, batch: Sequence[Stamped], answers: Sequence[Event]) -> None:
        """Take note of the answer to each command of a batch."""

    def unapplied(self, batch: Sequence[Stamped], outcome: str) -> None:
        """Take note of a batch that was not applied, and of the problem that its senders were told."""


class Unmetered:
    """A meter for those who count nothing."""

    def committed(self, commands: int, seconds: float) -> None:
        """Ignore it."""

    def applied(self, batch: Sequence[Stamped], answers: Sequence[Event]) -> None:
        """Ignore it."""

    def unapplied(self, batch: Sequence[Stamped], outcome: str) -> None:
        """Ignore it."""
