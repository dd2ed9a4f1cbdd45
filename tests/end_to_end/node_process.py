"""A node as its operator runs it: a process of its own on a real folder."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest

from cryptex.client.rest import RestClient

STOP_SECONDS_MAX = 5
PATIENCE_S = 60
KEY_NAME = "node.key"
_INSTALLED = Path(sysconfig.get_path("platlib")) / "cryptex" / "node"
COMPILED = any(_INSTALLED.glob("sequencer.*.so")) or any(_INSTALLED.glob("sequencer.*.pyd"))
both_builds = pytest.mark.parametrize(
    "installed",
    [
        pytest.param(False, id="source"),
        pytest.param(
            True,
            id="compiled",
            marks=pytest.mark.skipif(not COMPILED, reason="no compiled install here: an editable one, or no compiler"),
        ),
    ],
)
"""Tests with this run the node of the checkout, and the one that an install compiles (hatch_build.py)."""


class NodeProcess:
    """A running node; `url` is known once it is ready.

    A new folder is encrypted, as a user's is; its key is in `node.key` beside it. `--encryption off` leaves it plain.
    """

    def __init__(
        self,
        data_dir: Path,
        *flags: str,
        installed: bool = False,
        program: Sequence[str] = ("cryptex",),
        under: Sequence[str] = (),
    ) -> None:
        self.data_dir = data_dir
        self.flags = flags
        self.program = program
        """The module that takes the command line, and what it takes before it."""
        self.under = under
        """The command that Python is started by, such as a tracer."""
        self.safe_path = ["-P"] if installed else []
        """With it, Python takes the installed package and not the one in the folder it is started from."""
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.kill()

    def start(self) -> dict[str, str | int]:
        """Start the node and return its ready line."""
        process = self.spawn()
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        self.url = ready["url"]
        return ready

    def spawn(self) -> subprocess.Popen[str]:
        """Start the node and do not wait until it is ready."""
        python = [*self.under, sys.executable, *self.safe_path, "-m", *self.program]
        key = ["--port", "0", "--key-file", str(self.data_dir.with_name(KEY_NAME))]
        self.process = subprocess.Popen(
            [*python, "node", "start", "--data-dir", str(self.data_dir), *key, *self.flags, "-o", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "CRYPTEX_DATA_DIR": str(self.data_dir)},
        )
        return self.process

    def kill(self) -> None:
        """End it the hard way: SIGKILL, no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it the clean way and return its exit code; longer than five seconds is an error."""
        return self._end(signal.SIGTERM)

    def ended(self) -> int:
        """Wait until it has ended by itself, and return its exit code."""
        return self._end(None, PATIENCE_S)

    def rest(self, token: str | None = None) -> RestClient:
        """Return a REST client of it."""
        return RestClient(self.url, token)

    def user(self, name: str) -> RestClient:
        """Register a user and return a logged-in client."""
        client = self.rest()
        client.register(name, f"{name} has a password")
        return self.again(name)

    def again(self, name: str) -> RestClient:
        """Return a logged-in client of a user that `user` registered."""
        token = self.rest().login(name, f"{name} has a password").token
        return self.rest(token)

    def _end(self, signal_number: int | None, timeout_s: float = STOP_SECONDS_MAX) -> int:
        assert self.process is not None
        process, self.process = self.process, None
        if signal_number is not None:
            process.send_signal(signal_number)
        code = process.wait(timeout_s)
        assert process.stdout is not None
        process.stdout.close()
        return code
