"""A program under a real pseudo-terminal: keys go in, what it paints comes out, with the time of each frame."""

import asyncio
import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import ioctl
from itertools import pairwise
from struct import pack
from termios import TIOCSWINSZ
from time import perf_counter
from typing import Final, Self

from benchmarks.usage import Usage

COLUMNS: Final = 160
ROWS: Final = 56
WAIT_S_MAX: Final = 30.0
STOP_S_MAX: Final = 10.0
TOGETHER_S: Final = 0.01
"""Writes that are closer together than this are one frame to the eye."""

_READ_BYTES: Final = 1 << 18
_KEPT_BYTES: Final = 1 << 16
"""Of what was painted so much is kept, to be searched."""

_ASKS_FOR_SYNC: Final = b"\x1b[?2026$p"
_HAS_SYNC: Final = b"\x1b[?2026;1$y"
"""Today's terminals can be told where a frame begins and ends; so can this one."""

_FRAME_ENDS: Final = b"\x1b[?2026l"
_OF_USERS: Final = ("COLUMNS", "CRYPTEX_", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", "TEXTUAL")
"""What would make a screen of another size or kind: no variable that begins so is passed on."""


class PtyScreen:
    """A process with a terminal of its own, to be used inside an event loop as an async context manager.

    `core` pins it to a processor. `begin_s` is when it was started, on perf_counter's clock, as all times here.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], core: int | None = None) -> None:
        self.frames: list[float] = []
        """When each frame had been painted."""
        self.painted_bytes = 0
        self._painted = bytearray()
        self._waiting: list[tuple[bytes, asyncio.Future[float]]] = []
        self._master, slave = pty.openpty()
        ioctl(slave, TIOCSWINSZ, pack("HHHH", ROWS, COLUMNS, 0, 0))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_USERS)}
        self.begin_s = perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
            start_new_session=True,
        )
        os.close(slave)
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def usage(self) -> Usage:
        """Return what it uses of the machine, from here on."""
        return Usage(self._process.pid)

    def press(self, keys: str) -> float:
        """Send keys as the terminal sends them; return when."""
        now = perf_counter()
        os.write(self._master, keys.encode())
        return now

    def forget(self) -> None:
        """Search only what is painted from here on."""
        self._painted.clear()

    async def shows(self, text: str) -> float:
        """Return when a text was painted, now or later. Raises RuntimeError where it does not come."""
        wanted = text.encode()
        if wanted in self._painted:
            return perf_counter()
        found: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, found))
        try:
            return await asyncio.wait_for(found, WAIT_S_MAX)
        except TimeoutError:
            raise RuntimeError(f"{text!r} was not painted; the last was {bytes(self._painted[-500:])!r}") from None

    def gaps_ms(self, first: int) -> list[float]:
        """Return the milliseconds between the frames from the `first`-th on, sorted."""
        gaps = [after - before for before, after in pairwise(self.frames[first:])]
        return sorted(gap * 1000 for gap in gaps if gap > TOGETHER_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, STOP_S_MAX)
        self._process.kill()
        self._process.wait()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    def _read(self) -> None:
        try:
            data = os.read(self._master, _READ_BYTES)
        except OSError:  # it has ended
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
            return
        now = perf_counter()
        self.painted_bytes += len(data)
        if _ASKS_FOR_SYNC in data:
            os.write(self._master, _HAS_SYNC)
        if _FRAME_ENDS in data:
            self.frames.append(now)
        self._painted += data
        for wanted, found in self._waiting:
            if not found.done() and wanted in self._painted:
                found.set_result(now)
        self._waiting = [each for each in self._waiting if not each[1].done()]
        del self._painted[:-_KEPT_BYTES]
