"""The demo's private node and its bots: processes that begin and end with the demo."""

import os
import queue
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Final

import msgspec

from cryptex.cli.faults import Fault
from cryptex.protocol.problems import Code, ExitCode

READY_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
LOG_NAME: Final = "demo.log"
_LOG_TAIL_LINES: Final = 3
_LOG_TAIL_BYTES: Final = 4096
_PREFIX: Final = "CRYPTEX_"


class Ready(msgspec.Struct, frozen=True):
    """What a node says when it accepts connections."""

    url: str
    data_dir: str
    epoch: int
    sequence: int


class DemoNode:
    """A node on a free port of this machine, in `folder`; and two bots on it. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._node: subprocess.Popen[str] | None = None
        self._bots: subprocess.Popen[str] | None = None

    def start(self) -> Ready:
        """Start the node and return what it said when it was ready. Raises Fault when it does not get there."""
        where = ["--data-dir", str(self._folder), "--port", "0"]
        self._node = self._process(["-m", "cryptex", "-o", "json", "node", "start", *where])
        line = _first_line(self._node.stdout, READY_SECONDS_MAX)
        try:
            return msgspec.json.decode(line or "", type=Ready)
        except msgspec.DecodeError:
            raise Fault(
                f"the demo's node did not start: {self._log_tail() or 'it said nothing'}",
                code=Code.UNAVAILABLE.value,
                suggestion="Is another node running in this folder?",
                exit_code=ExitCode.UNREACHABLE,
            ) from None

    def start_bots(self, url: str, seed: int) -> None:
        """Let the bots trade."""
        self._bots = self._process(["-m", "cryptex.cli.demo_bots", url, str(seed)])

    def wait(self) -> None:
        """Return when the node has ended by itself."""
        if self._node is not None:
            self._node.wait()

    def stop(self) -> None:
        """End the bots, then the node; return when both are gone."""
        for process in (self._bots, self._node):
            if process is None:
                continue
            if process is self._bots:
                _close(process.stdin)  # the bots' sign to end
            else:
                process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close(process.stdin)
            _close(process.stdout)
        self._bots = self._node = None

    def __enter__(self) -> "DemoNode":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _process(self, arguments: list[str]) -> "subprocess.Popen[str]":
        # A session of its own: Ctrl-C in the terminal is for the demo, which then ends them in order.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / LOG_NAME).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
                start_new_session=True,
            )

    def _log_tail(self) -> str:
        with suppress(OSError), (self._folder / LOG_NAME).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            return " / ".join(lines[-_LOG_TAIL_LINES:])
        return ""


def _first_line(stream: IO[str] | None, seconds_max: float) -> str | None:
    """Return the first line of a stream, or None where there is none in time."""
    if stream is None:
        return None
    lines: queue.Queue[str] = queue.Queue()
    Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
    try:
        return lines.get(timeout=seconds_max)
    except queue.Empty:
        return None


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()
