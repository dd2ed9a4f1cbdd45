"""A live view of a channel without async."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from cryptex.client.background import Background
from cryptex.client.chain import Replica
from cryptex.client.errors import CryptexError, NodeUnreachableError, unreachable
from cryptex.client.subscription import Subscription

R = TypeVar("R", bound=Replica[Any])

READY_TIMEOUT_S: Final = 10.0
"""How long `ready` waits for live data unless told otherwise."""


class SyncSubscription(Generic[R]):
    """A `Subscription` whose methods wait. It is kept up to date in the exchange's own thread.

    Iteration gives the replica after each change while it is live; it ends when the subscription or the exchange is
    closed, and raises where the node refused the channel or the login.
    """

    def __init__(self, subscription: Subscription[R], background: Background, owner: object) -> None:
        self._subscription = subscription
        self._background = background
        self._owner = owner  # an exchange that nobody holds is closed; a subscription to it is somebody
        self._copy: R | None = None
        self._copied_version = -1

    @property
    def replica(self) -> R:
        """The data as it is now: a copy that does not change while you look at it."""
        if self._copy is None or self._copied_version != self.version:
            self._copy, self._copied_version = self._background.look(self._take)
        return self._copy

    @property
    def version(self) -> int:
        """Grows with every change of the data or of `live`."""
        return self._subscription.version

    @property
    def live(self) -> bool:
        """Whether the data is what the node has now: False before the first snapshot and while out of touch."""
        return self._subscription.live and not self._background.stopped

    @property
    def last_change_monotonic(self) -> float:
        """When the last message came, in seconds of the monotonic clock; 0 before the first."""
        return self._subscription.last_change_monotonic

    @property
    def error(self) -> CryptexError | None:
        """Why there will be no more changes, where something went wrong."""
        return self._subscription.error

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until something changed since the last call: the data, or `live`. Return False when time ran out.

        `timeout` is in seconds; None waits for as long as it takes. Raises the subscription's error once it has one,
        and NodeUnreachableError once it is closed.
        """
        return self._background.run(_in_time(self._subscription.changed, timeout))

    def ready(self, timeout: float | None = READY_TIMEOUT_S) -> R:
        """Wait until the data is live, and return it. Raises NodeUnreachableError when time ran out."""
        if not self._background.run(_in_time(self._subscription.ready, timeout)):
            raise unreachable(f"no live data within {timeout} s")
        return self.replica

    def close(self) -> None:
        """End the subscription; the last one to a channel unsubscribes from it."""
        if not self._background.stopped:
            self._background.run(self._subscription.close())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        try:
            more = self._background.run(self._more())
        except NodeUnreachableError:
            if not self._background.stopped:
                raise
            more = False
        if not more:
            raise StopIteration
        return self.replica

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _more(self) -> bool:
        return await anext(self._subscription, None) is not None

    def _take(self) -> tuple[R, int]:
        return self._subscription.replica.copy(), self.version


async def _in_time(wait: Callable[[], Coroutine[Any, Any, object]], timeout: float | None) -> bool:
    """Wait for something; return whether it came in time."""
    try:
        async with asyncio.timeout(timeout):
            await wait()
    except TimeoutError:
        return False
    return True
