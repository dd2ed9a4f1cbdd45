"""An event loop without a machine under it: time is virtual, nothing waits, and no thread ever runs.

The loop jumps to the time of the next call. Work for threads runs inline, at a moment drawn from the seed.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import ContextVar
from random import Random
from typing import Any

PROCESS: ContextVar["Process | None"] = ContextVar("process", default=None)
"""The simulated process that the running code belongs to; None for what is outside all of them."""

SHORT_DELAY_S = 0.0005
LONG_DELAY_S = 0.05
LONG_DELAYS = 0.05
"""The share of thread work that takes long."""


class Deadlock(Exception):
    """Everybody waits and nothing is scheduled: the simulated world has come to a halt."""


class _Selector:
    """In place of the operating system: waiting moves the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Deadlock("nothing is scheduled and something is waited for")
        self._loop.pass_time(timeout)
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop whose whole course follows from its random numbers."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng
        self._now_s = 0.0
        self._selector = _Selector(self)
        self.set_task_factory(_make_task)
        self.set_exception_handler(self._keep_trouble)
        self.troubles: list[str] = []
        """What nobody caught."""

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now_s

    def pass_time(self, seconds: float) -> None:
        """Move to the next call."""
        self._now_s += seconds

    def delay_s(self) -> float:
        """Draw how long work in a thread takes to begin, or to be heard of."""
        return self._rng.expovariate(1 / (LONG_DELAY_S if self._rng.random() < LONG_DELAYS else SHORT_DELAY_S))

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Run work for a thread, inline: at a drawn moment, and its outcome is heard of at a later one."""
        if isinstance(executor, InlineExecutor):
            return executor.run(self, func, args)
        future = self.create_future()
        process = PROCESS.get()

        def work() -> None:
            if future.cancelled() or (process is not None and not process.alive):
                return
            tell = outcome_of(future, func, args)
            if tell is not None:
                self.call_later(self.delay_s(), tell)

        self.call_later(self.delay_s(), work)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There are no threads to wait for."""

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""

    def _keep_trouble(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.troubles.append(f"{context['message']}: {context.get('exception')!r}")


class InlineExecutor(Executor):
    """Work of one thread: it runs in the order in which it was given. Subclasses say how."""

    def run(self, loop: VirtualLoop, func: Callable[..., Any], args: tuple[Any, ...]) -> asyncio.Future[Any]:
        """Return the future of a call."""
        raise NotImplementedError


class Hang(Exception):
    """Work that never comes back. Nobody but the loop sees this."""


def outcome_of(
    future: asyncio.Future[Any], func: Callable[..., Any], args: tuple[Any, ...]
) -> Callable[[], None] | None:
    """Call a function; return what tells a future of its outcome, or None for what never comes back."""
    try:
        result, error = func(*args), None
    except Hang:
        return None
    except Exception as raised:
        result, error = None, raised

    def tell() -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    return tell


class Process:
    """What dies together: tasks, and every door to the outside, which ask `alive` before they do anything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def add(self, task: asyncio.Task[Any]) -> None:
        """Count a task as one of this process."""
        self._tasks[task] = None
        task.add_done_callback(self._forget)
        if not self.alive:
            task.get_loop().call_soon(self._reap)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not self.alive and not task.cancelled():
            task.exception()  # a killed process has no last words

    def spawn(self, coroutine: Any, name: str) -> asyncio.Task[Any]:
        """Begin a task of this process."""
        token = PROCESS.set(self)
        try:
            return asyncio.get_running_loop().create_task(coroutine, name=name)
        finally:
            PROCESS.reset(token)

    def kill(self) -> None:
        """End it at once: from now on, nothing it does reaches anybody."""
        self.alive = False
        self._reap()

    def _reap(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            asyncio.get_running_loop().call_soon(self._reap)


def _make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    process = PROCESS.get()
    if process is not None:
        process.add(task)
    return task
