"""What became of commands, and who hears of it."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from cryptex.protocol.commands import Stamped
from cryptex.protocol.events import Event
from cryptex.protocol.problems import Refusal
from cryptex.protocol.views import OrderView

ENVIRONMENTAL: Final = (MemoryError, OSError)
"""Faults of the machine: never a command's doing, so no command is voided for them."""


class Applied(NamedTuple):
    """What one durable command did."""

    sequence: int
    time_ns: int
    events: list[Event]


class Reply(msgspec.Struct, frozen=True, gc=False):
    """The answer to a command; `order` is the order it was about, as it stood right after the command."""

    answer: Event
    order: OrderView | None
    sequence: int
    time_ns: int


class Asker(Protocol):
    """Waits for what becomes of a command.

    Exactly one of the two is called, once, on the event loop. Neither raises.
    """

    def done(self, reply: Reply) -> None:
        """Take the answer: the command is durable and applied, and its batch published."""

    def failed(self, refusal: Refusal) -> None:
        """Take the news that there is no answer: unavailable (nothing was changed), outcome_unknown, internal_error."""


class Publisher(Protocol):
    """Hears of every batch on the event loop, after it is durable and applied and before its senders do."""

    def publish(self, batch: list[Applied]) -> None:
        """Take note of a batch; the exchange stands as it is after the last command of it."""


class AskerFuture:
    """An asker for those who await the answer."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def done(self, reply: Reply) -> None:
        """Let the future have the answer, if somebody still waits for it."""
        if not self.future.done():
            self.future.set_result(reply)

    def failed(self, refusal: Refusal) -> None:
        """Let the future raise."""
        if not self.future.done():
            self.future.set_exception(refusal)


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
