"""A terminal for programs that need one: what they draw is read, keys are pressed."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from typing import Self

import pytest

WAIT_S = 30.0
SCREEN = (45, 160)
"""Rows and columns."""


class PseudoTerminal:
    """Runs a command line of cryptex. Use it as a context manager; it kills what has not ended by then."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._arguments = arguments
        self._environment = environment
        self._seen = ""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, SCREEN)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cryptex", *self._arguments],
            env={**self._environment, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def until(self, text: str) -> str:
        """Read what is drawn until `text` comes; return all that was drawn since the last call."""
        until_s = time.monotonic() + WAIT_S
        seen = self._seen
        while text not in seen:
            left_s = until_s - time.monotonic()
            ready, _, _ = select.select([self._master], [], [], max(0.0, left_s))
            if not ready or left_s < 0:
                pytest.fail(f"{text!r} does not come; the screen ends with {seen[-2000:]!r}")
            try:
                seen += os.read(self._master, 65_536).decode("utf-8", "replace")
            except OSError:  # the other side is closed
                break
        self._seen = seen.partition(text)[2]
        return seen

    def wait(self) -> int:
        """Return the exit code, once there is one."""
        return self.process.wait(WAIT_S)
