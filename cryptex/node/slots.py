"""Blocking work off the event loop: as many at once as there are slots, and a bounded number in waiting."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from cryptex.protocol.problems import Code, Refusal

P = ParamSpec("P")
T = TypeVar("T")


class Slots:
    """Runs blocking calls in threads: at most `count` at once, and at most `waiting_max` waiting for a slot."""

    def __init__(self, count: int, waiting_max: int) -> None:
        self._slots = asyncio.Semaphore(count)
        self._waiting = 0
        self._waiting_max = waiting_max

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the call returns. Raises Refusal(unavailable) when too many are waiting already."""
        if self._waiting >= self._waiting_max:
            raise Refusal(Code.UNAVAILABLE, "too many requests of this kind are waiting")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            return await asyncio.to_thread(call, *args, **kwargs)
        finally:
            self._slots.release()
