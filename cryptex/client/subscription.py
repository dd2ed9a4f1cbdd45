"""A subscription as its user holds it, and the feed behind it that subscriptions to the same channel share."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from cryptex.client.calls import Params
from cryptex.client.chain import DataMessage, Replica
from cryptex.client.errors import CryptexError, unreachable
from cryptex.protocol.channels import BookMessage, CandlesMessage, FillsMessage, OrdersMessage, WalletMessage
from cryptex.protocol.terms import Interval

R = TypeVar("R", bound=Replica[Any])


class FeedKey(NamedTuple):
    """What tells one channel from another on a connection."""

    channel: str
    market: str = ""
    depth: int = 0
    interval: Interval | None = None

    @property
    def is_private(self) -> bool:
        """Whether it belongs to an account."""
        return not self.market

    def params(self) -> Params:
        """Return the params of subscribe and unsubscribe."""
        params: Params = {"channel": self.channel}
        if self.market:
            params["markets"] = [self.market]
        if self.depth:
            params["depth"] = self.depth
        if self.interval is not None:
            params["interval"] = str(self.interval)
        return params


def key_of(message: DataMessage) -> FeedKey:
    """Return the key of the feed that a message is for."""
    if isinstance(message, BookMessage):  # by far the most
        return FeedKey("book", message.market, message.depth)
    channel = str(message.__struct_config__.tag)
    if isinstance(message, OrdersMessage | FillsMessage | WalletMessage):
        return FeedKey(channel)
    if isinstance(message, CandlesMessage):
        return FeedKey(channel, message.market, interval=message.interval)
    return FeedKey(channel, message.market)


class Feed(Generic[R]):
    """A channel's replica, whether it is live, and who waits for its next change."""

    def __init__(self, key: FeedKey, replica: R) -> None:
        self.key = key
        self.replica = replica
        self.version = 0
        self.live = False
        self.last_change_monotonic = 0.0
        self.ended = False
        self.error: CryptexError | None = None
        self.users = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def take(self, message: DataMessage, now_s: float) -> None:
        """Fold a message in. Raises Gap, and is not live from then on, where it does not fit."""
        if message.type == "update" and not (self.replica.ready or self.replica.paused):
            return  # it belongs to a chain that was given up: a snapshot is on its way
        try:
            self.replica.apply(message)
        finally:
            self.live = self.replica.ready
            self.last_change_monotonic = now_s
            self._changed()

    def since(self) -> dict[str, int] | None:
        """Return the last message of a chain that can go on; None where only a snapshot can help."""
        replica = self.replica
        return {"epoch": replica.epoch, "sequence": replica.sequence} if replica.paused else None

    def resume(self, now_s: float) -> None:
        """Go on where the chain was interrupted: the node has what follows."""
        if self.replica.paused:
            self.replica.resume()
            self.live = True
            self.last_change_monotonic = now_s
            self._changed()

    def offline(self) -> None:
        """Keep the data, but let it be live again only once the node goes on with it or sends a snapshot."""
        self.replica.pause()
        if self.live:
            self.live = False
            self._changed()

    def end(self, error: CryptexError | None) -> None:
        """There will be no more changes; `error` says why, unless it was asked for."""
        self.ended = True
        self.error = error
        self.offline()
        self.wake()

    async def wait(self) -> None:
        """Wait until the next change, or until woken."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def wake(self) -> None:
        """Let all who wait look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _changed(self) -> None:
        self.version += 1
        self.wake()


class Subscription(Generic[R]):
    """A live view of a channel.

    Changes that come while nobody looks are folded together: a slow reader sees the newest state and costs no memory.
    Iteration gives the replica after each change while it is live; it ends when the subscription or the exchange is
    closed, and raises where the node refused the channel or the login.
    """

    def __init__(self, feed: Feed[R], release: Callable[[], Awaitable[None]]) -> None:
        self._feed = feed
        self._release = release
        self._seen = (
            feed.version - 1 if feed.live else feed.version
        )  # a feed that is live already is news to a newcomer
        self._closed = False

    @property
    def replica(self) -> R:
        """The data; always the same object, kept up to date in place."""
        return self._feed.replica

    @property
    def version(self) -> int:
        """Grows with every change of the data or of `live`."""
        return self._feed.version

    @property
    def live(self) -> bool:
        """Whether the data is what the node has now: False before the first snapshot and while out of touch."""
        return self._feed.live and not self._closed

    @property
    def last_change_monotonic(self) -> float:
        """When the last message came, in seconds of the monotonic clock; 0 before the first."""
        return self._feed.last_change_monotonic

    @property
    def error(self) -> CryptexError | None:
        """Why there will be no more changes, where something went wrong."""
        return self._feed.error

    async def changed(self) -> None:
        """Wait until something changed since the last call: the data, or `live`.

        Raises the subscription's error once it has one, and NodeUnreachableError once it is closed.
        """
        if not await self._next_change():
            raise unreachable("the subscription is closed")

    async def ready(self) -> R:
        """Wait until the data is live, and return it."""
        while not self.live:
            await self.changed()
        self._seen = self._feed.version  # what is returned here is no news to `changed` or to iteration
        return self.replica

    async def close(self) -> None:
        """End the subscription; the last one to a channel unsubscribes from it."""
        if self._closed:
            return
        self._closed = True
        self._feed.wake()
        await self._release()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        while await self._next_change():
            if self.live:
                return self.replica
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _next_change(self) -> bool:
        """Wait for a change; return False once there will be none."""
        while True:
            if self._closed:
                return False
            if self._feed.error is not None:
                raise self._feed.error
            if self._feed.version != self._seen:
                self._seen = self._feed.version
                return True
            if self._feed.ended:
                return False
            await self._feed.wait()
