"""`node admin`: who is an admin is said on the node's machine, and counts at once on a node that runs."""

import json
from pathlib import Path

import pytest

from cryptex.client.rest import RestClient
from cryptex.store.users import Users
from tests.cli.conftest import Cli
from tests.cli.live import PASSWORD, LiveNode


def test_it_counts_at_once_beside_a_running_node_and_is_audited(cli: Cli, live: LiveNode) -> None:
    client = RestClient(live.url)
    client.register("warden", PASSWORD)
    client.login("warden", PASSWORD)
    folder = ("--data-dir", str(live.folder))

    def admins() -> list[str]:
        listed = cli("node", "admin", "list", *folder, "-o", "json")
        return [each["username"] for each in json.loads(listed.out)["admins"]]

    assert client.me().role == "trader"
    given = cli("node", "admin", "add", "Warden", *folder)
    assert (given.code, given.out.split()[:2]) == (0, ["admin", "warden"])
    assert client.me().role == "admin"
    assert "warden" in admins()  # other tests may have made others
    taken = cli("node", "admin", "remove", "warden", *folder, "-o", "json")
    assert json.loads(taken.out)["removed"] == "warden"
    assert client.me().role == "trader"
    assert "warden" not in admins()
    acts = ("--act", "role_given", "--act", "role_taken")
    audited = cli("node", "audit", *folder, "--user", "warden", *acts, "-o", "json")
    assert [each["actor"] for each in json.loads(audited.out)["entries"]] == [0, 0]


def test_who_takes_the_last_one_is_told(cli: Cli, tmp_path: Path) -> None:
    users = Users.open(tmp_path, lambda: 1)
    for user_id, name in ((1, "ann"), (2, "bob")):
        users.complete(users.reserve(name, PASSWORD, None), user_id)
        users.admins.give(name)
    users.close()
    folder = ("--data-dir", str(tmp_path))
    assert "No admin is left" not in cli("node", "admin", "remove", "ann", *folder).err
    assert "No admin is left" in cli("node", "admin", "remove", "bob", *folder).err
    assert cli("node", "admin", "list", *folder).err.startswith("No admins")
    again = cli("node", "admin", "remove", "bob", *folder)
    assert (again.code, again.err, "removed  bob" in again.out) == (
        0,
        "bob was no admin: nothing was changed.\n",
        False,
    )
    cli("node", "admin", "add", "bob", *folder)
    assert "was an admin already: nothing was changed" in cli("node", "admin", "add", "bob", *folder).err


def test_an_unknown_user_and_a_folder_without_users_are_mistakes(cli: Cli, live: LiveNode, tmp_path: Path) -> None:
    ended = cli("node", "admin", "add", "nobody", "--data-dir", str(live.folder))
    assert (ended.code, ended.out) == (1, "")
    assert "unknown_user" in ended.err
    for verb in ("add x", "remove x", "list"):
        ended = cli("node", "admin", *verb.split(), "--data-dir", str(tmp_path / "none"))
        assert (ended.code, ended.out) == (2, "")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("damage", [b"no database", b""])
def test_a_damaged_store_is_said(damage: bytes, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "users.db").write_bytes(damage)
    assert cli("node", "admin", "add", "alice", "--data-dir", str(tmp_path)).code == 1
