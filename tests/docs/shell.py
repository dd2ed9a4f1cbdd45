"""A page done by hand: its shell commands and programs, in order, in a folder and a home of their own."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from tests.docs.pages import ROOT, Block, read

SECONDS_MAX: Final = 60
CODE_TOO_LONG: Final = 124
CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
"""The page whose commands are for the folder of the project itself."""
PASSWORD: Final = "a long password"

NOT_RUN: Final = {
    "python3 -m venv": "an installation from a package registry; tests run in one",
    "pip install": "the same",
    "python -m tests": "the gate, of which this is a part",
    "python -m benchmarks": "takes long, and measures nothing while tests run",
    ". .venv/bin/activate": "there is none: `cryptex` is found already",
    "cryptex demo": "opens the terminal: tests/cli/test_demo.py",
    "cryptex tui": "opens the terminal: tests/tui",
}
"""Beginnings of lines, after `.venv/bin/`, that cannot run in a test, and why."""

NEED_COMPANY: Final = {
    "A market maker": "waits for others to trade: test_examples.py",
    "A scripter's evening": "waits for others to trade: tests/end_to_end/test_scripters_evening.py",
}
"""Headings of programs that somebody else must play along with, and where that happens."""

_ASKS: Final = re.compile(r"^cryptex (register|login) (\S+)(?!.*--password-stdin)", re.MULTILINE)
_STAYS: Final = re.compile(r"^(cryptex node start[^&\n]*)$", re.MULTILINE)
_TRADES: Final = re.compile(r"^(cryptex bot run [^&\n]*)$", re.MULTILINE)
_PORT: Final = re.compile(r"\b(?:7070|7171)\b")


class Ended(NamedTuple):
    """How the commands of a page ended, the first that failed or the last; `stderr` also has each command."""

    code: int
    stderr: str


def is_run(line: str) -> bool:
    """Return whether a line of a page can run in a test."""
    return not line.removeprefix(".venv/bin/").startswith(tuple(NOT_RUN))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Desk:
    """A folder to work in, with a `cryptex` and a `python`, and with nothing of the person who runs the tests.

    The ports that pages name are others here; `port` says which.
    """

    def __init__(self, folder: Path, cryptex: str) -> None:
        self._folder = folder
        self._ports: dict[str, int] = {}
        self._beside = 0
        self._bin = folder / ".venv" / "bin"
        self._bin.mkdir(parents=True)
        (folder / "examples").symlink_to(ROOT / "examples")
        python = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n'
        for name, program in (("cryptex", cryptex), ("python", python), ("python3", python)):
            shim = self._bin / name
            shim.write_text(program)
            shim.chmod(0o755)

    def port(self, named: str = "7070") -> int:
        """Return the port that takes the place of one that pages name."""
        return self._ports.setdefault(named, free_port())

    def run(self, page: Path, **environment: str) -> Ended:
        """Run the blocks of a page as one script; what it leaves running ends with it."""
        said = self._folder / ".stderr"  # a file: what stays may hold it open
        with said.open("wb") as stderr:
            process = subprocess.Popen(
                ["sh", "-c", "set -eux\n" + "".join(map(self._lines, read(page).blocks))],
                cwd=ROOT if page == CONTRIBUTING else self._folder,
                env=self._environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
            try:
                code = process.wait(SECONDS_MAX)
            except subprocess.TimeoutExpired:
                code = CODE_TOO_LONG
            with suppress(ProcessLookupError):  # it left nothing running
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ended(code, said.read_text())

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))}
        return kept | {
            "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "HOME": str(self._folder),
            "CRYPTEX_NODE": f"http://127.0.0.1:{self.port()}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }

    def _lines(self, block: Block) -> str:
        """Return what a block is in the script: itself, a file that it names, a program that is run, or nothing."""
        text = _PORT.sub(lambda found: str(self.port(found[0])), block.text)
        if block.language == "sh":
            return self._commands(text)
        if block.file is not None:
            return f"cat > {block.file} <<'END'\n{text}END\n"
        if block.language == "toml":
            (self._folder / "node.toml").write_text(text)
        if block.language != "python" or block.heading in NEED_COMPANY:
            return ""
        program = self._folder / f"line_{block.line}.py"
        program.write_text(text)
        return f"python {program.name}\n"

    def _commands(self, text: str) -> str:
        """Return commands as a script can give them: passwords from stdin, and a node that stays beside the rest."""
        lines = [line for line in text.splitlines() if is_run(line)]
        script = _ASKS.sub(rf"echo '{PASSWORD}' | cryptex \1 \2 --password-stdin", "\n".join(lines) + "\n")
        script = script.replace(".venv/bin/", f"{self._bin}/")
        return _TRADES.sub(self._bot, _STAYS.sub(self._node, script))

    def _node(self, start: re.Match[str]) -> str:
        """Return a node that stays."""
        log = self._log()
        return f"{start[1]} --port {self.port()} > {log} &\nuntil grep ^ready {log}; do sleep 0.05; done"

    def _bot(self, start: re.Match[str]) -> str:
        """Return a bot that trades, and is ended when it has begun."""
        log = self._log()
        return f"{start[1]} 2> {log} &\nuntil grep 'Ctrl-C ends it' {log}; do sleep 0.05; done\nkill $!"

    def _log(self) -> str:
        self._beside += 1
        return f"beside_{self._beside}.log"
