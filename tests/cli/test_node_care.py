"""`node verify` and `node rebuild` as commands: what they print, and how they end."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from cryptex.store.database import FolderLock, open_sqlite
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that traded and was stopped."""
    with LiveNode(tmp_path_factory.mktemp("stopped")) as node:
        node.trade()
    return node.folder


@pytest.fixture
def folder(stopped: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(stopped, tmp_path / "data"))


def _damage(folder: Path) -> None:
    with closing(open_sqlite(folder / "history.db")) as connection:
        connection.execute("UPDATE trades SET price_ticks = 1")


def test_a_good_folder_ends_with_0_in_every_form(cli: Cli, folder: Path) -> None:
    for form in ("table", "json", "ndjson", "csv"):
        ended = cli("node", "verify", "--data-dir", str(folder), "-o", form)
        assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == "check,ok,detail,sequence"
    checks = json.loads(cli("node", "verify", "--data-dir", str(folder), "-o", "json").out)["checks"]
    assert [each["ok"] for each in checks] == [True] * 13


def test_a_running_node_is_asked_for_its_state(cli: Cli, tmp_path: Path) -> None:
    with LiveNode(tmp_path) as node:
        node.trade()
        ended = cli("node", "verify", "--data-dir", str(node.folder), "-o", "json")
    [live] = [each for each in json.loads(ended.out)["checks"] if each["check"] == "live"]
    assert (ended.code, live["ok"]) == (0, True)
    assert "the running node had the state that replay gives" in live["detail"]


def test_damage_ends_with_1_names_the_sequence_and_the_way_back(cli: Cli, folder: Path) -> None:
    _damage(folder)
    ended = cli("node", "verify", "--data-dir", str(folder))
    assert ended.code == 1
    assert "BROKEN" in ended.out
    assert "history; the first bad sequence is " in ended.err
    assert "cryptex node rebuild" in ended.err
    rebuilt = cli("node", "rebuild", "--data-dir", str(folder), "-o", "json")
    assert json.loads(rebuilt.out)["rebuilt"] == str(folder / "history.db")
    assert cli("node", "verify", "--data-dir", str(folder)).code == 0


def test_a_folder_in_use_is_not_rebuilt(cli: Cli, folder: Path) -> None:
    with FolderLock(folder):
        ended = cli("node", "rebuild", "--data-dir", str(folder))
    assert (ended.code, ended.out) == (1, "")
    assert "cryptex node stop" in ended.err


@pytest.mark.parametrize("verb", ["verify", "rebuild"])
def test_a_folder_without_a_journal_is_a_mistake(verb: str, cli: Cli, tmp_path: Path) -> None:
    ended = cli("node", verb, "--data-dir", str(tmp_path / "none"))
    assert (ended.code, ended.out) == (2, "")
    assert not (tmp_path / "none").exists()
