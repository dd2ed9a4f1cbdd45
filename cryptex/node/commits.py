"""Commits: commands get their times and go to disk, in the journal's own thread, beside the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from time import perf_counter
from typing import Final, NamedTuple

from cryptex.node.applied import Meter
from cryptex.node.clock import Clock
from cryptex.protocol.commands import Command, Stamped
from cryptex.store.journal import Journal

COMMIT_TIMEOUT_S: Final = 10.0
"""After this long the outcome of a commit counts as unknown."""


class Commit(NamedTuple):
    """A batch on its way to disk."""

    stamped: list[Stamped]
    durable: asyncio.Task[None]
    """Ends when the batch is on disk. Raises what the journal raises, and TimeoutError."""


class Commits:
    """Writes batches in the order in which they are begun."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        executor: Executor,
        meter: Meter,
        *,
        last_ns: int,
        timed_out: Callable[[], None],
        timeout_s: float,
    ) -> None:
        """`last_ns` is the log time of the last command so far; `timed_out` is called when a commit does not end."""
        self._journal = journal
        self._clock = clock
        self._executor = executor
        self._meter = meter
        self._last_ns = last_ns
        self._timed_out = timed_out
        self._timeout_s = timeout_s

    def begin(self, commands: Sequence[Command]) -> Commit:
        """Stamp a batch and begin to write it."""
        stamped = self._stamp(commands)
        return Commit(stamped, asyncio.get_running_loop().create_task(self._write(stamped), name="commit"))

    def _stamp(self, commands: Sequence[Command]) -> list[Stamped]:
        """Give commands their times: strictly increasing, whatever the clock does."""
        first_ns = max(self._clock.now_ns(), self._last_ns + 1)
        self._last_ns = first_ns + len(commands) - 1
        return [Stamped(first_ns + offset, command) for offset, command in enumerate(commands)]

    async def _write(self, stamped: list[Stamped]) -> None:
        begin_s = perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.get_running_loop().run_in_executor(self._executor, self._journal.append, stamped)
        except TimeoutError:
            self._timed_out()
            raise
        self._meter.committed(len(stamped), perf_counter() - begin_s)
