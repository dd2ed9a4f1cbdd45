"""The chain of a channel: a snapshot, then updates that each continue the message before. Pure: no clock, no I/O.

A replica keeps what it last knew when its chain breaks; `ready` says whether it is whole. While out of touch with the
node it is `paused`: the very next update, or the node's word that there was none, makes it whole again.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar, runtime_checkable

import msgspec

from cryptex.protocol.channels import (
    BookMessage,
    CandlesMessage,
    FillsMessage,
    OrdersMessage,
    TickerMessage,
    TradesMessage,
    WalletMessage,
)

DataMessage = (
    BookMessage | TradesMessage | TickerMessage | CandlesMessage | OrdersMessage | FillsMessage | WalletMessage
)
M = TypeVar("M", bound=DataMessage)
T = TypeVar("T")
V = TypeVar("V", bound=msgspec.Struct)


@runtime_checkable
class _Part(Protocol):
    """What a replica keeps its rows in: a dict, a deque, a side of a book."""

    def copy(self) -> object:
        """Return one with the same rows."""


class Gap(Exception):
    """A message does not continue what the replica holds: a fresh snapshot is needed."""


class Replica(ABC, Generic[M]):
    """Base of replicas: checks that each update continues the message before it.

    `epoch`, `sequence` and `time` are those of the last message applied.
    """

    def __init__(self) -> None:
        self.ready = False
        self.paused = False
        self.epoch = 0
        self.sequence = 0
        self.time: datetime | None = None

    def apply(self, message: M) -> None:
        """Fold a message in. Raises Gap, and is not `ready` from then on, where it does not fit."""
        if message.type == "resync":
            self.expect_snapshot()
            return
        try:
            if message.type == "update":
                self._check_chain(message)
            self._fold(message)
            self.time = datetime.fromisoformat(message.time)
        except (Gap, ArithmeticError, ValueError) as error:
            self.expect_snapshot()
            raise error if isinstance(error, Gap) else Gap(f"a message cannot be read: {error}") from error
        self.ready, self.paused = True, False
        self.epoch, self.sequence = message.epoch, message.sequence

    def copy(self) -> Self:
        """Return a replica of the same state that no message reaches."""
        twin = copy(self)
        for name, part in vars(self).items():
            if isinstance(part, _Part):
                setattr(twin, name, part.copy())
        return twin

    def expect_snapshot(self) -> None:
        """Break the chain: from here on only a snapshot fits."""
        self.ready = self.paused = False

    def pause(self) -> None:
        """Lose touch with the node: from here on a snapshot fits, or what follows the last message."""
        self.paused = self.paused or self.ready
        self.ready = False

    def resume(self) -> None:
        """Take a replica that is paused for whole: the node says that what follows its last message comes next."""
        if self.paused:
            self.ready, self.paused = True, False

    def _check_chain(self, message: M) -> None:
        if not (self.ready or self.paused):
            raise Gap("an update came before the snapshot")
        if message.epoch != self.epoch:
            raise Gap(f"epoch {message.epoch} began without a snapshot")
        if message.prev != self.sequence or message.sequence < self.sequence:
            raise Gap(f"update {message.sequence} follows {message.prev}, not {self.sequence}")

    @abstractmethod
    def _fold(self, message: M) -> None:
        """Take in a message that fits."""


def model_of(view: msgspec.Struct, model: type[T]) -> T:
    """Return a view of a message as the model of the same fields. Raises ValueError where it is not one."""
    return msgspec.convert(view, model, from_attributes=True)


def models_of(views: Sequence[msgspec.Struct] | None, model: type[T]) -> list[T]:
    """Return views of a message as models; no views are none."""
    return [model_of(view, model) for view in views or ()]
