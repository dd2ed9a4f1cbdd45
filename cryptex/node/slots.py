"""Blocking work off the event loop: as many at once as there are slots, and a bounded number in waiting."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, ParamSpec, TypeVar

from cryptex.protocol.problems import Code, Refusal

P = ParamSpec("P")
T = TypeVar("T")

NICENESS: Final = 10
"""How far threads of heavy work stand back behind the event loop, where the system can tell threads apart."""


class Slots:
    """Runs blocking calls in threads: at most `count` at once, and at most `waiting_max` waiting for a slot.

    `stands_back` is for work that keeps a core busy: its threads leave the cores to the event loop.
    """

    def __init__(self, count: int, waiting_max: int, *, stands_back: bool = False) -> None:
        self._executor: Executor | None = None
        if stands_back:
            self._executor = ThreadPoolExecutor(count, "heavy work", initializer=_stand_back)
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
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, partial(call, *args, **kwargs))
        finally:
            self._slots.release()


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere it would be all of the process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
