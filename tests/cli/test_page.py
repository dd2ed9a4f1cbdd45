"""docs/cli.md: every command stands there once, and its commands run, in order, on a private node."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from cryptex.cli.main import build_app, run_line
from tests.cli.live import LiveNode
from tests.docs.pages import ROOT, read

PAGE = ROOT / "docs" / "cli.md"
SHELL_SIGNS = frozenset("|>&$;")
NOT_RUN = {"demo", "tui", "node start", "bot run", "nodes trust", "nodes forget"}
"""They stay in the foreground: tests/cli/test_demo.py, tests/node and tests/cli/test_bot.py run them; or they need a
node that speaks TLS: tests/cli/test_known.py."""


def page_lines() -> list[str]:
    """Return the command lines of the page."""
    return [line for block in read(PAGE).blocks if block.language == "sh" for line in block.text.splitlines()]


def all_commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield every command with its groups."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from all_commands(command, f"{before}{name} ")
        else:
            yield before + name


def test_every_command_stands_on_the_page() -> None:
    text = PAGE.read_text()
    commands = set(all_commands(typer.main.get_command(build_app())))
    assert {name for name in commands if f"cryptex {name}" not in text} == set()
    assert {name for name in commands if not any(f"cryptex {name}" in line for line in page_lines())} == NOT_RUN


@pytest.mark.parametrize("group", ["", "node", "nodes", "wallet", "keys", "second-factor", "sim", "bot"])
def test_each_command_is_told_in_a_line_that_fits(
    group: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run_line([*group.split(), "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


def _run(line: str, environment: dict[str, str]) -> None:
    """Run a line: in this process where no shell is needed, because starting Python for each takes long."""
    if SHELL_SIGNS.isdisjoint(line):
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            code = run_line(shlex.split(line, comments=True)[1:])
        assert code == 0, f"{line}: {said.getvalue()}"
        return
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("error:")) in ((0, 0), (0, "||" in line)), f"{line}: {done.stderr}"


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Iterator[LiveNode]:
    """A node of its own: the page stops it, and names its first order."""
    with LiveNode(tmp_path) as node:
        yield node


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_the_commands_of_the_page_run(own: LiveNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "cryptex"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cryptex "$@"\n')
    shim.chmod(0o755)
    environment = {
        **own.environment(),
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    for name in [name for name in os.environ if name.startswith(("CRYPTEX_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "CRYPTEX_NODE", "CRYPTEX_DATA_DIR", "PYTHON_KEYRING_BACKEND", "PYTHONPATH"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.chdir(tmp_path)
    own.maker.place_order("BTC-USDT", "buy", "0.5", price="59900", client_order_id="rests")
    own.trade()
    first = own.taker.orders(limit=1)[0].id + 1
    for line in page_lines():
        _run(re.sub(r"^(cryptex (?:amend|order|cancel)) 1\b", rf"\1 {first}", line), environment)
    assert (tmp_path / "fills.csv").read_text().startswith("id,trade_id,order_id")
