"""Runs `cryptex` for shell scripts without starting Python for each: every command is a fork of a process that is warm.

`python -m tests.docs.command_server SOCKET` serves; `SHIM`, a small program, is what a script calls in its place.
"""

import io
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import redirect_stderr
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptex.cli import main
from tests.docs.pages import ROOT

NOWHERE: Final = "http://127.0.0.1:9"
REQUEST_BYTES_MAX: Final = 1 << 20

SHIM: Final = """#!{python} -SE
import json, os, socket, sys
words = sys.argv[1:]
if words[:2] in (["node", "start"], ["bot", "run"]):  # scripts kill them by their pid
    os.execv({python!r}, [{python!r}, "-m", "cryptex", *words])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    request = json.dumps([words, dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(server, [b"%8d" % len(request)], [0, 1, 2])
    server.sendall(request)
    os._exit(server.recv(1)[0])
"""


class CommandServer:
    """A process that runs commands; its socket is in a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "commands"
        self.shim = SHIM.format(python=sys.executable, path=str(self._path))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._path)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait()


def _serve(path: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        os.write(sys.stdout.fileno(), b"ready\n")
        while True:
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(client)
            client.close()


def _answer(client: socket.socket) -> None:
    """Be the command that a client asks for, and end."""
    code = 1
    try:
        size, files, _, _ = socket.recv_fds(client, 8, 3)
        request = b""
        while len(request) < int(size):
            request += client.recv(REQUEST_BYTES_MAX)
        words, environment, folder = json.loads(request)
        for place, file in enumerate(files):
            os.dup2(file, place)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        code = main.run_line(words)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        client.sendall(bytes([code]))
        os._exit(0)


if __name__ == "__main__":
    main.build_app = cache(main.build_app)
    with redirect_stderr(io.StringIO()):
        main.run_line(["markets", "--node", NOWHERE])  # what this imports and builds, each fork has
    _serve(Path(sys.argv[1]))
