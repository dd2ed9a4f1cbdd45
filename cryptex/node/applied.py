"""What became of commands, and who hears of it."""

from typing import Final, NamedTuple, Protocol

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
