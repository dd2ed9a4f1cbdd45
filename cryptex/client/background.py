"""An event loop in a thread of its own, for programs that have none, or whose own must not wait: notebooks, scripts."""

import asyncio
import concurrent.futures
import logging
from collections.abc import Awaitable, Callable, Coroutine
from threading import Lock, Thread, current_thread
from typing import Any, Final, TypeVar

from cryptex.client.errors import CryptexError, outcome_unknown, unreachable

T = TypeVar("T")

STOP_TIMEOUT_S: Final = 5.0
"""How long `stop` waits for the thread: longer than a websocket takes to close."""

_log = logging.getLogger("cryptex.client")


class Background:
    """Runs coroutines for other threads, until it is stopped; then never again.

    `at_end` is awaited in the loop when it stops, before what is still under way is canceled. The thread is a daemon:
    it never keeps a program from ending.
    """

    def __init__(self, at_end: Callable[[], Awaitable[None]]) -> None:
        self._at_end = at_end
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._stopped = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and return what it returns, or raise what it raises.

        When the waiting thread is interrupted (Ctrl-C, a notebook's stop button), the coroutine is canceled.
        """
        future = self._submit(work)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise outcome_unknown("the exchange was closed while this was under way") from None
        finally:
            future.cancel()

    def look(self, read: Callable[[], T]) -> T:
        """Return what a function finds while nothing changes under it: in the loop, or here once that has ended."""

        async def work() -> T:
            return read()

        try:
            return self.run(work())
        except CryptexError:  # `read` raises none: the loop is ending, or has ended
            self.stop()
            return read()

    @property
    def stopped(self) -> bool:
        """Whether it was stopped."""
        return self._stopped

    def stop(self) -> None:
        """End the loop and its thread; more than once is fine."""
        with self._lock:
            first, self._stopped = not self._stopped, True
            loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        if first:
            loop.call_soon_threadsafe(loop.stop)
        if thread is not current_thread():  # the garbage collector may run there, and end a forgotten exchange
            thread.join(STOP_TIMEOUT_S)

    def _submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        try:
            with self._lock:
                return asyncio.run_coroutine_threadsafe(work, self._running())
        except BaseException:
            work.close()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._stopped:
            raise unreachable("this exchange is closed; make a new one")
        if self._thread is current_thread():
            raise RuntimeError("a callback of the exchange cannot wait for the exchange: use another thread")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=self._serve, args=(self._loop,), name="cryptex-exchange", daemon=True)
            self._thread.start()
        return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(self._finish())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    async def _finish(self) -> None:
        try:
            await self._at_end()
        except Exception:
            _log.exception("closing failed")
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
