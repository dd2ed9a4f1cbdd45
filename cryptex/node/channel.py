"""One channel in use: what it says (its topic), who listens, and the chain that all its listeners stand in."""

import logging
from typing import Final, Generic

import msgspec

from cryptex.node.backlog import Backlog, Budget
from cryptex.node.connection import INTERNAL_ERROR, Connection
from cryptex.node.topics import C, Stamp, Topic
from cryptex.protocol.channels import ChannelMessage
from cryptex.protocol.codec import encode_json
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT, Channel
from cryptex.protocol.terms import Interval

_log: Final = logging.getLogger(__name__)


class MarketKey(msgspec.Struct, frozen=True):
    """What a subscription to a market's channel names; depth is a book's, interval is candles'."""

    channel: Channel
    market: str
    depth: int = BOOK_DEPTH_DEFAULT
    interval: Interval = Interval.M1

    def names(self) -> dict[str, str | int]:
        """Return the fields that tell its messages from those of other channels."""
        names: dict[str, str | int] = {"channel": self.channel, "market": self.market}
        if self.channel == "book":
            names["depth"] = self.depth
        elif self.channel == "candles":
            names["interval"] = self.interval
        return names


class AccountKey(msgspec.Struct, frozen=True):
    """What a subscription to a private channel names."""

    channel: Channel
    account_id: int

    def names(self) -> dict[str, str | int]:
        """Return the fields that tell its messages from those of other channels."""
        return {"channel": self.channel}


Key = MarketKey | AccountKey


class LiveChannel(Generic[C]):
    """A channel that somebody uses, or used a moment ago. Each message is encoded once for all who listen.

    All subscribers have seen the same last message. Who fell behind is out of the chain until it gets a snapshot.
    """

    def __init__(self, key: Key, topic: Topic[C], budget: Budget) -> None:
        self.key = key
        self.failed = False
        """Whether it met a fault and must not be used any more."""
        self._topic = topic
        self._backlog = Backlog(topic.stamp.sequence, budget)
        self._subscribers: dict[Connection, None] = {}
        self._behind: dict[Connection, None] = {}

    def __len__(self) -> int:
        """Return how many are subscribed, those who fell behind included."""
        return len(self._subscribers) + len(self._behind)

    def missed(self, sequence: int) -> list[bytes] | None:
        """Return the updates after a message of this chain; None where only a snapshot can help."""
        return self._backlog.after(sequence)

    def publish(self, changes: C, stamp: Stamp) -> None:
        """Tell subscribers what changed. A fault in it costs them their connection, and nobody else anything."""
        if self.failed:
            return
        try:
            message = self._topic.update(changes, stamp)
            text = None if message is None else _encode(message)
        except Exception:
            self._fail()
            return
        if text is None:
            return
        self._topic.stamp = stamp
        self._backlog.add(stamp.sequence, text)
        for connection in list(self._subscribers):
            connection.tell(self, text)

    def subscribe(self, connection: Connection, missed: list[bytes] | None) -> None:
        """Send a connection what it missed, or (None) a snapshot, and updates from then on."""
        text = _encode(self._topic.snapshot()) if missed is None else b""
        self._behind.pop(connection, None)
        connection.forget(self)
        self._subscribers[connection] = None
        if missed is None:
            connection.show(self, text)
            return
        for update in missed:
            connection.tell(self, update)
            if connection not in self._subscribers:  # it fell behind over this
                return

    def unsubscribe(self, connection: Connection) -> None:
        """Send a connection no more."""
        self._subscribers.pop(connection, None)
        self._behind.pop(connection, None)
        connection.forget(self)

    def fall_behind(self, connection: Connection) -> bytes | None:
        """Take a connection out of the chain; return the message that says so, None where it is not subscribed."""
        if connection not in self._subscribers:
            return None
        del self._subscribers[connection]
        self._behind[connection] = None
        epoch, sequence, time = self._topic.stamp
        place: dict[str, str | int] = {"type": "resync", "epoch": epoch, "sequence": sequence, "time": time}
        return encode_json({**self.key.names(), **place})

    def catch_up(self, connection: Connection) -> None:
        """Take a connection that fell behind into the chain again."""
        if connection not in self._behind:
            return
        try:
            self.subscribe(connection, None)
        except Exception:
            self._fail()

    def end(self) -> None:
        """Give back the memory of a channel that nobody uses."""
        self._backlog.clear()

    def _fail(self) -> None:
        _log.exception("a channel failed and its subscribers are closed")
        self.failed = True
        for connection in (*self._subscribers, *self._behind):
            connection.close(INTERNAL_ERROR, "a fault of the exchange")


def _encode(message: ChannelMessage) -> bytes:
    return encode_json(message)
