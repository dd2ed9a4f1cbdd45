"""What the terminal is given, with real files and a real node."""

import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cryptex.cli.common import Given, Run
from cryptex.cli.entrance import KeptLogins, OwnNode, entrance_of, own_node
from cryptex.cli.folders import is_alive, read_node_file, wait_until
from cryptex.client.rest import RestClient
from cryptex.client.session import TokenStore
from cryptex.tui.entry.entrance import KnownNode, NodeNotStartedError
from tests.cli.conftest import Cli
from tests.cli.pseudo_terminal import WAIT_S, PseudoTerminal

NODE = KnownNode("http://127.0.0.1:7070", "default")


@pytest.fixture(name="port")
def _port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(name="here")
def _here(port: int, tmp_path: Path) -> Iterator[OwnNode]:
    """A node to start, which is gone afterwards."""
    node = OwnNode(f"http://127.0.0.1:{port}", tmp_path / "data")
    yield node
    node.stop()


def run_at(url: str) -> Run:
    """Return what `cryptex --node URL tui` runs with."""
    return Run(Given(node=url), None)  # type: ignore[arg-type]  # the context is for help alone


def test_a_login_is_kept_where_the_command_line_keeps_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRYPTEX_TOKEN")
    logins = KeptLogins(TokenStore())
    assert "There is no keyring here: the token is kept in" in logins.keep(NODE, "secret-token")
    assert TokenStore().load(*NODE) == logins.load(NODE) == "secret-token"
    logins.forget(NODE)
    assert logins.load(NODE) is None


def test_a_token_of_the_environment_is_said_to_win(cli: Cli) -> None:
    assert "CRYPTEX_TOKEN is set, and wins" in KeptLogins(TokenStore()).keep(NODE, "secret-token")


def test_what_is_known_is_the_profiles_and_the_logins_there_were(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "config" / "cryptex" / "profiles.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[work]\nnode = "https://exchange.example/"\n')
    TokenStore().save("http://127.0.0.1:9000", "two", "token")
    entrance = entrance_of(run_at(NODE.url), None)
    assert entrance.nodes == (
        NODE,
        KnownNode("https://exchange.example", "work"),
        KnownNode("http://127.0.0.1:9000", "two"),
    )


@pytest.mark.parametrize("url", ["http://exchange.example", "https://127.0.0.1:7070", "http://127.0.0.1/behind"])
def test_a_node_is_started_only_where_it_would_answer(url: str, cli: Cli) -> None:
    assert own_node(run_at(url)) is None


def test_a_node_that_goes_on_is_stopped_by_the_command_line(here: OwnNode, cli: Cli) -> None:
    started = here.start(simulated=False)
    assert started == (here.url, True)
    assert here.is_running
    RestClient(here.url).register("alice", "password123")
    here.let_go_on()
    assert not here.is_running
    assert here.goes_on
    here.stop()  # it is not ours to stop any more
    assert RestClient(here.url).health().status == "ready"
    assert cli("node", "stop", "--data-dir", here.folder, "--node", here.url).code == 0
    assert here._node is not None
    here._node.wait()
    assert not here.start(simulated=False).is_new


def test_a_second_start_keeps_the_first(here: OwnNode) -> None:
    with ThreadPoolExecutor() as threads:
        both = list(threads.map(lambda _: here.start(simulated=False), range(2)))
    assert sorted(both) == [(here.url, False), (here.url, True)]
    assert RestClient(here.url).health().status == "ready"


def test_a_node_that_has_ended_is_not_running_and_can_be_started_again(here: OwnNode) -> None:
    here.start(simulated=False)
    assert here._node is not None
    assert here._node._node is not None
    here._node._node.kill()
    here._node.wait()
    assert not here.is_running
    assert here.start(simulated=False) == (here.url, False)
    assert here.is_running


def test_a_node_that_can_not_start_says_why(here: OwnNode) -> None:
    Path(here.folder).write_text("not a folder")
    with pytest.raises(NodeNotStartedError):
        here.start(simulated=False)
    assert not here.is_running


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))}
    return {**kept, "HOME": str(folder), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.mark.skipif(sys.platform != "linux", reason="the data folder is looked for where Linux has it")
def test_a_first_run_leads_to_a_market_and_a_killed_terminal_takes_its_node_along(port: int, tmp_path: Path) -> None:
    with PseudoTerminal(["tui", "--node", f"http://127.0.0.1:{port}"], _environment(tmp_path)) as terminal:
        terminal.until("Start a node here")
        terminal.press("s")
        terminal.until("Again")
        terminal.press("alice\tpassword123\tpassword123\r")
        terminal.until("spread")
        found = read_node_file(tmp_path / ".local" / "share" / "cryptex")
        assert found is not None
        terminal.process.kill()
        assert wait_until(lambda: not is_alive(found.pid), WAIT_S)
