"""The projection as the node sees it: somebody who follows the journal and says how far history is."""

import asyncio
import logging
import os
import site
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import cryptex
from cryptex.node.follower import DATABASE_URL_VARIABLE, STOP_WORD, Follower
from cryptex.store.key_places import KeyRefused
from cryptex.store.vault import key_of

RESTART_DELAY_S_MIN: Final = 0.1
RESTART_DELAY_S_MAX: Final = 5.0
"""A follower that dies is started again after a delay that doubles up to this, and begins anew when one lands."""

KILL_WAIT_S: Final = 0.3
"""How long a killed follower may take to be gone."""

PYTHON_PATH_VARIABLE: Final = "PYTHONPATH"

_log: Final = logging.getLogger(__name__)


class Projection(Protocol):
    """Lands history behind the node."""

    @property
    def cursor(self) -> int:
        """The sequence up to which history has landed."""

    def start(self) -> None:
        """Get ready; nothing is opened before the first `advance`."""

    def advance(self, watermark: int) -> None:
        """Let it follow the journal up to `watermark`. Never waits."""

    def reach(self, cursor: int) -> None:
        """Take note of how far history was found to be."""

    async def wait(self, sequence: int, timeout_s: float) -> bool:
        """Return whether the cursor reaches `sequence` in time."""

    async def stop(self, timeout_s: float) -> None:
        """Let it finish and save a snapshot, or end it when the time is over. May be called again."""


class Progress:
    """The cursor and those who wait for it."""

    def __init__(self, on_cursor: Callable[[int], None]) -> None:
        self.cursor = 0
        self._on_cursor = on_cursor
        self._waiters: dict[asyncio.Future[None], int] = {}

    def reach(self, cursor: int) -> None:
        """Take note of where history is, and wake those who waited for it."""
        self.cursor = cursor
        self._on_cursor(cursor)
        for waiter, sequence in list(self._waiters.items()):
            if sequence <= cursor and not waiter.done():
                waiter.set_result(None)

    async def wait(self, sequence: int, timeout_s: float) -> bool:
        """Return whether the cursor reaches `sequence` in time."""
        if sequence <= self.cursor:
            return True
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = sequence
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            return False
        finally:
            del self._waiters[waiter]
        return True


def _module_path() -> dict[str, str]:
    """Return PYTHONPATH as it lets a follower find this very package, where that is not among what is installed."""
    parent = str(Path(cryptex.__file__).absolute().parents[1])
    if parent in (*site.getsitepackages(), site.getusersitepackages()):
        return {}
    before = os.environ.get(PYTHON_PATH_VARIABLE)
    return {PYTHON_PATH_VARIABLE: os.pathsep.join((parent, before)) if before else parent}


class FollowerProcess:
    """A follower in a process of its own, which is started again when it dies.

    One watermark is on its way at a time: while the follower works, newer ones are held back and only the newest is
    sent, so that neither side can flood the other.
    """

    def __init__(self, data_dir: Path, database_url: str, on_cursor: Callable[[int], None]) -> None:
        # -P: not a line of code comes from the folder the node was started in, or from the data folder.
        self._data_dir = data_dir
        self._command = (sys.executable, "-P", "-m", "cryptex.node.follower", str(data_dir))
        self._environment = {**os.environ, **_module_path(), DATABASE_URL_VARIABLE: database_url}
        self._progress = Progress(on_cursor)
        self._watermark = -1
        self._told = -1
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def cursor(self) -> int:
        """The sequence up to which history has landed, as last heard."""
        return self._progress.cursor

    @property
    def pid(self) -> int | None:
        """The process that follows now."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process in the background."""
        self._task = asyncio.get_running_loop().create_task(self._keep_running(), name="follower")

    def advance(self, watermark: int) -> None:
        """Tell the follower, or keep it in mind while the follower works on an earlier one."""
        self._watermark = watermark
        if self._process is not None and self._told <= self._progress.cursor:
            self._tell(self._process)

    def reach(self, cursor: int) -> None:
        """Take note of how far history was found to be."""
        self._progress.reach(cursor)

    async def wait(self, sequence: int, timeout_s: float) -> bool:
        """Return whether the cursor reaches `sequence` in time."""
        return await self._progress.wait(sequence, timeout_s)

    async def stop(self, timeout_s: float) -> None:
        """Let the follower finish and save a snapshot; kill it when the time is over. Both are safe."""
        self._stopping.set()
        if self._task is None:
            return
        if self._process is not None:
            self._say_stop(self._process)
        done, _ = await asyncio.wait([self._task], timeout=timeout_s)
        if not done:
            _log.warning("the follower did not finish in time and is killed; the next start catches up")
            self._kill()
            await asyncio.wait([self._task], timeout=KILL_WAIT_S)

    async def _keep_running(self) -> None:
        delay_s = RESTART_DELAY_S_MIN
        while not self._stopping.is_set():
            before = self._progress.cursor
            try:
                status: object = await self._run_once()
            except (OSError, ValueError, KeyRefused) as error:  # no process to be had, or one that talks nonsense
                status = error
            if self._stopping.is_set():
                return
            delay_s = RESTART_DELAY_S_MIN if self._progress.cursor > before else min(delay_s * 2, RESTART_DELAY_S_MAX)
            _log.warning("the follower ended with status %s; starting it again in %.1f s", status, delay_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _run_once(self) -> int:
        """Run a follower to its end and return its exit status."""
        # A session of its own: Ctrl-C in the terminal is for the node, even while the follower is still starting.
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, env=self._environment, start_new_session=True
        )
        self._told = -1
        self._process = process
        try:
            self._say_key(process)
            self._tell(process)
            if self._stopping.is_set():
                self._say_stop(process)
            await self._listen(process)
        finally:
            self._process = None
            if process.returncode is None and process.stdin is not None:
                process.stdin.close()
        return await process.wait()

    async def _listen(self, process: Process) -> None:
        """Take in cursors, and answer each with the newest watermark when the last one is reached."""
        if process.stdout is None:
            return
        async for line in process.stdout:
            self._progress.reach(int(line))
            if self._told <= self._progress.cursor and not self._stopping.is_set():
                self._tell(process)

    def _tell(self, process: Process) -> None:
        if self._watermark > self._told and process.stdin is not None:
            self._told = self._watermark
            process.stdin.write(b"%d\n" % self._watermark)

    def _say_key(self, process: Process) -> None:
        key = key_of(self._data_dir)
        if key is not None and process.stdin is not None:
            process.stdin.write(key.hex().encode() + b"\n")

    def _say_stop(self, process: Process) -> None:
        self._tell(process)
        if process.stdin is not None:
            process.stdin.write(STOP_WORD + b"\n")

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()


class FollowerThread:
    """A follower in a thread of this process: for tests and simulations. Dies when the follower does."""

    def __init__(self, make: Callable[[], Follower], on_cursor: Callable[[int], None]) -> None:
        self._make = make
        self._progress = Progress(on_cursor)
        self._condition = threading.Condition()
        self._watermark = -1
        self._stopping = False
        self._task: asyncio.Future[None] | None = None

    @property
    def cursor(self) -> int:
        """The sequence up to which history has landed."""
        return self._progress.cursor

    def start(self) -> None:
        """Start the thread."""
        loop = asyncio.get_running_loop()
        self._task = loop.run_in_executor(None, self._follow, loop)

    def advance(self, watermark: int) -> None:
        """Tell the thread."""
        with self._condition:
            self._watermark = watermark
            self._condition.notify()

    def reach(self, cursor: int) -> None:
        """Take note of how far history was found to be."""
        self._progress.reach(cursor)

    async def wait(self, sequence: int, timeout_s: float) -> bool:
        """Return whether the cursor reaches `sequence` in time."""
        return await self._progress.wait(sequence, timeout_s)

    async def stop(self, timeout_s: float) -> None:
        """Let the thread finish; raises what it died of, and TimeoutError."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._task is not None:
            await asyncio.wait_for(self._task, timeout_s)

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._next(-1) is None:
            return
        follower = self._make()
        try:
            loop.call_soon_threadsafe(self._progress.reach, follower.cursor)
            while (watermark := self._next(follower.cursor)) is not None:
                for cursor in follower.advance(watermark):
                    loop.call_soon_threadsafe(self._progress.reach, cursor)
            follower.save_snapshot()
        finally:
            follower.close()

    def _next(self, after: int) -> int | None:
        with self._condition:
            self._condition.wait_for(lambda: self._watermark > after or self._stopping)
            return self._watermark if self._watermark > after else None
