"""A private node: a process of its own that begins and ends with the command that needs it."""

import os
import queue
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Final, Self

import msgspec

from cryptex.cli.faults import Fault
from cryptex.protocol.problems import Code, ExitCode

READY_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
LOG_NAME: Final = "private-node.log"
CONFIG_NAME: Final = "private-node.toml"
_LOG_TAIL_LINES: Final = 3
_LOG_TAIL_BYTES: Final = 4096
_PREFIX: Final = "CRYPTEX_"

PLAIN: Final = ("--encryption", "off")
"""Flags of a node whose folder is thrown away: it is not encrypted."""

GO_ON: Final = "go on\n"
"""Said to a node that ends with its stdin: it need not any more."""


class Ready(msgspec.Struct, frozen=True):
    """What a node says when it accepts connections."""

    url: str
    data_dir: str
    epoch: int
    sequence: int


class PrivateNode:
    """A node of this machine, in `folder`, with settings in TOML. Use it as a context manager.

    It listens on a free port unless `flags` name one.
    """

    def __init__(self, folder: Path, config: str = "", flags: Sequence[str] = ()) -> None:
        self._folder = folder
        self._config = config
        self._flags = flags if "--port" in flags else ("--port", "0", *flags)
        self._node: subprocess.Popen[str] | None = None
        self.goes_on = False
        """Whether it was let go on."""

    @property
    def is_running(self) -> bool:
        """Whether the process was launched and has not ended."""
        return self._node is not None and self._node.poll() is None

    def start(self) -> Ready:
        """Start the node and return what it said when it was ready. Raises Fault when it does not get there."""
        self.launch()
        return self.ready()

    def launch(self) -> None:
        """Start the node; `ready` waits for it."""
        flags = ["--data-dir", str(self._folder), "--until-stdin-ends", *self._flags]
        if self._config:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / CONFIG_NAME
            with _private(path, os.O_TRUNC) as file:
                file.write(self._config.encode())
            flags += ["--config", str(path)]
        self._node = self._process(["-m", "cryptex", "-o", "json", "node", "start", *flags])

    def ready(self) -> Ready:
        """Return what the node says when it is ready. Raises Fault when it does not get there."""
        line = None if self._node is None else _first_line(self._node.stdout, READY_SECONDS_MAX)
        try:
            return msgspec.json.decode(line or "", type=Ready)
        except msgspec.DecodeError:
            raise Fault(
                f"the private node did not start: {self._log_tail() or 'it said nothing'}",
                code=Code.UNAVAILABLE.value,
                suggestion="Is another node running in this folder?",
                exit_code=ExitCode.UNREACHABLE,
            ) from None

    def wait(self) -> None:
        """Return when the node has ended by itself."""
        if self._node is not None:
            self._node.wait()

    def let_go_on(self) -> None:
        """Let the node outlive this process: `cryptex node stop` ends it."""
        if self._node is not None and self._node.stdin is not None:
            with suppress(OSError):  # it has ended already
                self._node.stdin.write(GO_ON)
                self._node.stdin.flush()
            _close(self._node.stdin)
            _close(self._node.stdout)
        self.goes_on = True

    def stop(self) -> None:
        """End the node, unless it was let go on; return when it is gone."""
        if self.goes_on:
            return
        if self._node is not None:
            self._node.terminate()
            _end(self._node)
        self._node = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _process(self, arguments: list[str]) -> "subprocess.Popen[str]":
        """Start a Python process that hears nothing of this one's environment, and whose stdin is ours to close.

        When this process dies, however it dies, that stdin ends: the sign for the other to end too.
        """
        # A session of its own: Ctrl-C in the terminal is for the command, which then ends its processes in order.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(self._folder / LOG_NAME, os.O_APPEND) as log:
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


def _private(path: Path, flag: int) -> IO[bytes]:
    """Open a file to write; if it is new, only its owner may use it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600), "wb")


def _end(process: "subprocess.Popen[str]") -> None:
    """Wait for a process that was told to end, kill it when that takes too long, and close its pipes."""
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close(process.stdin)
    _close(process.stdout)


def _close(stream: IO[str] | None) -> None:
    """Close a pipe, whatever has become of its other end."""
    if stream is not None:
        with suppress(OSError):
            stream.close()


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
