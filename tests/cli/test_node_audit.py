"""`node audit` as a command: what it lists beside a running node, and how it ends where the log is not what it was."""

import json
import sqlite3
from pathlib import Path

import pytest

from cryptex.client.errors import CryptexError
from cryptex.client.rest import RestClient
from cryptex.protocol.problems import Refusal
from cryptex.store.users import Users
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode

PASSWORD = "a long password"
SECOND_NS = 1_000_000_000


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    times = iter(range(1_700_000_000 * SECOND_NS, 1_800_000_000 * SECOND_NS, SECOND_NS))
    users = Users.open(folder, lambda: next(times))
    for user_id, name in ((1, "ann"), (2, "bob")):
        users.complete(users.reserve(name, PASSWORD, None), user_id, "192.0.2.7")
        users.login(name, PASSWORD, "192.0.2.7")
    with pytest.raises(Refusal):
        users.login("ann", "wrong", "192.0.2.66")
    users.close()
    return folder


@pytest.fixture
def folder(_folder: Path, tmp_path: Path) -> Path:
    """The folder of a node with two users and a failed login, to be damaged."""
    source, copy = sqlite3.connect(_folder / "users.db"), sqlite3.connect(tmp_path / "users.db")
    source.backup(copy)
    copy.execute("PRAGMA journal_mode = WAL")
    source.close()
    copy.close()
    return tmp_path


def tamper(folder: Path, statement: str) -> None:
    """Change the log behind its back."""
    with sqlite3.connect(folder / "users.db") as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_keeps")
        connection.execute("DROP TRIGGER IF EXISTS audit_stays")
        connection.execute(statement)
    connection.close()


def acts(out: str) -> list[str]:
    """Return the acts of a JSON answer, oldest first."""
    return [each["act"] for each in reversed(json.loads(out)["entries"])]


def test_it_lists_beside_a_running_node_and_gives_the_head(cli: Cli, live: LiveNode) -> None:
    with pytest.raises(CryptexError):
        RestClient(live.url).login("maker", "a wrong password")
    ended = cli("node", "audit", "--data-dir", str(live.folder), "--limit", "100000", "-o", "json")
    assert (ended.code, ended.err) == (0, "")
    assert acts(ended.out)[:4] == ["user_registered", "login", "user_registered", "login"]
    answer = json.loads(ended.out)
    assert answer["head"] == {key: answer["entries"][0][key] for key in ("sequence", "hash")}
    first = answer["entries"][-1]
    assert (first["username"], first["address"]) == ("maker", "127.0.0.1")


def test_a_table_names_people_and_the_head_is_said_beside_it(cli: Cli, folder: Path) -> None:
    ended = cli("node", "audit", "--data-dir", str(folder), "--act", "login", "--act", "login_failed")
    assert ended.code == 0
    rows = [line.split() for line in ended.out.splitlines()[1:]]
    assert [(row[0], *row[2:6]) for row in rows] == [
        ("5", "-", "login_failed", "ann", "192.0.2.66"),
        ("4", "bob", "login", "bob", "192.0.2.7"),
        ("2", "ann", "login", "ann", "192.0.2.7"),
    ]
    assert ended.err.startswith("5 entries, whole. Head: ")


@pytest.mark.parametrize(
    ("options", "sequences"),
    [
        ("--user Ann", [5, 2, 1]),
        ("--user bob --limit 1", [4]),
        ("--since 2023-11-14T22:13:24Z", [5, 4, 3]),
        ("--since 2h", []),
        ("--act logout", []),
    ],
)
def test_what_is_listed_can_be_narrowed(options: str, sequences: list[int], cli: Cli, folder: Path) -> None:
    ended = cli("node", "audit", "--data-dir", str(folder), *options.split(), "-o", "json")
    assert ended.code == 0
    assert [each["sequence"] for each in json.loads(ended.out)["entries"]] == sequences
    assert json.loads(ended.out)["head"]["sequence"] == 5


def test_what_was_changed_ends_with_1_and_the_first_bad_sequence(cli: Cli, folder: Path) -> None:
    tamper(folder, "UPDATE audit SET actor = 1 WHERE sequence = 3")
    ended = cli("node", "audit", "--data-dir", str(folder), "-o", "json")
    assert ended.code == 1
    assert acts(ended.out) == ["user_registered", "login"]
    assert "the first bad sequence is 3" in json.loads(ended.err)["detail"]


def test_a_cut_tail_shows_against_a_head_that_was_noted(cli: Cli, folder: Path) -> None:
    noted = json.loads(cli("node", "audit", "--data-dir", str(folder), "-o", "json").out)["head"]["hash"]
    assert cli("node", "audit", "--data-dir", str(folder), "--head", noted.upper()).code == 0
    tamper(folder, "DELETE FROM audit WHERE sequence = 5")
    assert cli("node", "audit", "--data-dir", str(folder)).code == 0
    ended = cli("node", "audit", "--data-dir", str(folder), "--head", noted)
    assert ended.code == 1
    assert "entries were cut off" in ended.err


@pytest.mark.parametrize(
    ("options", "code"), [("--since yesterday", 2), ("--user nobody", 1), ("--limit 0", 2), ("--act dance", 2)]
)
def test_what_can_not_be_listed_is_a_mistake(options: str, code: int, cli: Cli, folder: Path) -> None:
    ended = cli("node", "audit", "--data-dir", str(folder), *options.split())
    assert (ended.code, ended.out) == (code, "")


def test_a_folder_without_a_log_is_a_mistake(cli: Cli, tmp_path: Path) -> None:
    ended = cli("node", "audit", "--data-dir", str(tmp_path / "none"))
    assert (ended.code, ended.out) == (2, "")
    assert not (tmp_path / "none").exists()
