"""All channels of a connection: subscribes, routes messages, and asks again for what has a gap."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol, TypeVar, cast

from cryptex.client.calls import SUBSCRIBE, UNSUBSCRIBE, Call, Params
from cryptex.client.chain import DataMessage, Gap, Replica
from cryptex.client.errors import CryptexError, OutcomeUnknownError, UnavailableError
from cryptex.client.subscription import Feed, FeedKey, Subscription, key_of
from cryptex.client.timing import Timing

T = TypeVar("T")
R = TypeVar("R", bound=Replica[Any])

SUBSCRIBE_INTERVAL_S: Final = 1.0
"""The shortest time between two attempts to subscribe to a channel on one connection."""

_log = logging.getLogger("cryptex.client")


class Caller(Protocol):
    """Sends requests."""

    async def call(self, call: Call[T], params: Params) -> T:
        """Send a request and return its result."""


class _Sync:
    """The subscribing of one feed: at most one attempt runs at a time."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.wanted = False
        self.not_before_s = 0.0

    @property
    def running(self) -> bool:
        return self.task is not None and not self.task.done()

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
        self.task = None
        self.wanted = False
        self.not_before_s = 0.0


class Feeds:
    """The feeds of an exchange; hears of messages and of the connection's life from the stream (its Listener)."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._caller: Caller | None = None
        self._online = False
        self._feeds: dict[FeedKey, Feed[Any]] = {}
        self._syncs: dict[FeedKey, _Sync] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, caller: Caller) -> None:
        """Say who sends requests."""
        self._caller = caller

    def open(self, key: FeedKey, make: Callable[[], R]) -> Subscription[R]:
        """Return a subscription to a channel; the first one subscribes, others share its feed."""
        feed = cast("Feed[R] | None", self._feeds.get(key))
        if feed is None:
            feed = Feed(key, make())
            self._feeds[key] = feed
            self._syncs[key] = _Sync()
            if self._online:
                self._subscribe(feed, again=False)
        feed.users += 1
        return Subscription(feed, partial(self._release, feed))

    def message(self, message: DataMessage) -> None:
        """Fold a message into its feed; subscribe anew where it does not fit."""
        feed = self._feeds.get(key_of(message))
        if feed is None or not self._online:
            return
        try:
            feed.take(message, self._timing.monotonic())
        except Gap as gap:
            _log.info("%s %s: %s; asking for a snapshot", feed.key.channel, feed.key.market, gap)
            self._subscribe(feed, again=True)

    def opened(self, *, another_user: bool) -> None:
        """Subscribe to everything on a new connection; what was another user's is not gone on with."""
        self._online = True
        if another_user:
            for feed in self._feeds.values():
                if feed.key.is_private:
                    feed.replica.expect_snapshot()
        for feed in self._feeds.values():
            self._subscribe(feed, again=False)

    def lost(self) -> None:
        """Keep all data, but let nobody take it for live."""
        self._online = False
        for key, feed in self._feeds.items():
            self._syncs[key].stop()
            feed.offline()

    def closed(self, error: CryptexError | None) -> None:
        """End all feeds."""
        self.lost()
        for feed in list(self._feeds.values()):
            self._end(feed, error)

    def end_private(self, error: CryptexError) -> None:
        """End what belongs to an account, after a logout."""
        for feed in list(self._feeds.values()):
            if feed.key.is_private:
                self._end(feed, error)

    def _end(self, feed: Feed[Any], error: CryptexError | None) -> None:
        if self._feeds.get(feed.key) is feed:
            del self._feeds[feed.key]
            self._syncs.pop(feed.key).stop()
        feed.end(error)

    async def _release(self, feed: Feed[Any]) -> None:
        feed.users -= 1
        if feed.users or self._feeds.get(feed.key) is not feed:
            return
        self._end(feed, None)
        if self._online and self._caller is not None:
            try:
                await self._caller.call(UNSUBSCRIBE, feed.key.params())
            except CryptexError as error:
                _log.debug("unsubscribing was not answered: %s", error)

    def _subscribe(self, feed: Feed[Any], *, again: bool) -> None:
        sync = self._syncs[feed.key]
        if sync.running:
            sync.wanted = True
            return
        sync.task = asyncio.create_task(self._sync(feed, sync, again=again))

    async def _sync(self, feed: Feed[Any], sync: _Sync, *, again: bool) -> None:
        """Subscribe until the node took it or refused it; repeat where a gap came in the meantime."""
        while True:
            await self._pace(sync)
            sync.wanted = False
            try:
                await self._ask(feed, again=again)
            except (UnavailableError, OutcomeUnknownError) as error:
                # Where the connection is gone, `lost` ends this task; else the node gets another chance.
                _log.debug("subscribing failed for now: %s", error)
                sync.wanted = True
            except CryptexError as error:
                self._end(feed, error)
                return
            if not sync.wanted:
                return
            again = True

    async def _ask(self, feed: Feed[Any], *, again: bool) -> None:
        if self._caller is None:
            return
        params = feed.key.params()
        if again:
            await self._caller.call(UNSUBSCRIBE, params)
        since = feed.since()
        result = await self._caller.call(SUBSCRIBE, params if since is None else {**params, "since": since})
        if result.resumed:
            feed.resume(self._timing.monotonic())

    async def _pace(self, sync: _Sync) -> None:
        """Wait so that a channel that breaks again and again costs the node one snapshot a second, not all it has."""
        now_s = self._timing.monotonic()
        wait_s = sync.not_before_s - now_s
        sync.not_before_s = max(now_s, sync.not_before_s) + SUBSCRIBE_INTERVAL_S
        if wait_s > 0:
            await self._timing.sleep(wait_s)
