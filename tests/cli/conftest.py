"""A canned node, and the command line run against it in this process."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import keyring
import keyring.backends.fail
import pytest

from cryptex.cli.main import run_line
from tests.cli.canned import Canned
from tests.cli.live import LiveNode


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ended]


@pytest.fixture
def node() -> Iterator[Canned]:
    """A canned node."""
    with Canned() as server:
        yield server


@pytest.fixture
def cli(
    node: Canned, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ended]:
    """Runs a command line logged in at the canned node; `stdin` is what it reads."""
    for name in [name for name in os.environ if name.startswith("CRYPTEX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRYPTEX_NODE", node.url)
    monkeypatch.setenv("CRYPTEX_TOKEN", "token-1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)

    def run(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run_line(list(arguments))
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    """A real node that tests share: they leave no orders that others could meet."""
    with LiveNode(tmp_path_factory.mktemp("live")) as node:
        yield node
