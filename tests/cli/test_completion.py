"""What the shell completes, and that it never waits for a node for long."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from cryptex.cli.completion import NETWORK_SECONDS_MAX
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

IMPORTS_SECONDS_MAX = 3.0
"""What starting Python may take on a busy machine."""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def _complete(home: Path, url: str, line: str) -> list[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRYPTEX_")},
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "CRYPTEX_NODE": url,
        "_CRYPTEX_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run([sys.executable, "-m", "cryptex"], env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_are_completed(tmp_path: Path) -> None:
    assert _complete(tmp_path, "http://127.0.0.1:9", "cryptex cancel") == ["cancel", "cancel-all"]


def test_profiles_are_completed(tmp_path: Path) -> None:
    (tmp_path / ".config" / "cryptex").mkdir(parents=True)
    (tmp_path / ".config" / "cryptex" / "profiles.toml").write_text("[work]\n[wide]\n[home]\n")
    assert _complete(tmp_path, "http://127.0.0.1:9", "cryptex markets --profile w") == ["work", "wide"]


def test_markets_come_from_the_node_once(node: Canned, tmp_path: Path) -> None:
    assert _complete(tmp_path, node.url, "cryptex book B") == ["BTC-USDT"]
    assert _complete(tmp_path, node.url, "cryptex wallet deposit ") == ["BTC", "USDT", "ETH"]
    assert _complete(tmp_path, node.url, "cryptex trades e") == ["eth-btc"]
    assert [each.path for each in node.seen] == ["/markets"]


def test_the_markets_command_leaves_a_list_for_completion(cli: Cli, node: Canned, tmp_path: Path) -> None:
    cli("markets")
    (kept,) = (tmp_path / ".cache" / "cryptex").iterdir()
    assert kept.read_text() == '["BTC-USDT","ETH-BTC"]'


def test_a_node_that_does_not_answer_is_not_waited_for(silent_port: int, tmp_path: Path) -> None:
    begin = perf_counter()
    assert _complete(tmp_path, f"http://127.0.0.1:{silent_port}", "cryptex book b") == []
    assert perf_counter() - begin < NETWORK_SECONDS_MAX + IMPORTS_SECONDS_MAX
