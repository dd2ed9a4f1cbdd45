"""What a stolen disk shows of a node: none of the words that people gave it, and no key."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.node.verify import verify
from cryptex.store.backup import back_up, put_back
from cryptex.store.snapshots import SnapshotStore
from tests.end_to_end.node_process import KEY_NAME, NodeProcess
from tests.end_to_end.test_restart import patiently

CANARY = "quetzalinthemine"
CREATED_AT = "2026-11-22T15:40:03.123456Z"


def files_with_it(*places: Path) -> list[str]:
    """Return the files that show the canary, in their names or anywhere in them."""
    found = []
    for place in places:
        for path in [place, *place.rglob("*")]:
            data = path.read_bytes() if path.is_file() else b""
            if CANARY.encode() in (path.name.encode() + data).lower():
                found.append(str(path))
    return found


def tell(node: NodeProcess) -> None:
    """Give a node the canary wherever it takes words."""
    client = node.rest()
    client.register(CANARY, f"{CANARY} has a password", f"{CANARY}@example.org")
    client = node.again(CANARY)
    client.create_key(f"label {CANARY}", ["read"])
    client.deposit("BTC", "2", f"reference-{CANARY}")
    client.place_order("BTC-USDT", "sell", "0.5", price="60000", client_order_id=f"{CANARY}-1")
    client.place_order("BTC-USDT", "buy", "0.1", price="60000", client_order_id=f"{CANARY}-2")
    client.withdraw("BTC", "0.1", f"address-{CANARY}", f"out-{CANARY}")
    client.deposit("USDT", "1")
    assert patiently(client.orders)[0].client_order_id == f"{CANARY}-2", "history has what was told"


def test_no_byte_of_the_folder_its_backup_or_what_a_kill_leaves_shows_what_people_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    folder = tmp_path / "data"
    with NodeProcess(folder) as node:
        tell(node)
        assert files_with_it(folder, temporary) == [], "while it runs"
        node.kill()
        assert files_with_it(folder, temporary) == [], "after kill -9"
        node.start()
        back_up(folder, tmp_path / "one.backup", version="0", created_at=CREATED_AT)
        assert node.stop() == 0
    snapshot = SnapshotStore(folder).latest()
    assert snapshot is not None
    assert CANARY.encode() in snapshot.engine, "it is in there"
    assert files_with_it(folder, tmp_path / "one.backup", temporary) == [], "after a stop"
    assert stat.S_IMODE((tmp_path / "one.backup").stat().st_mode) == 0o600
    put_back(tmp_path / "one.backup", tmp_path / "restored")
    assert [finding for finding in verify(tmp_path / "restored") if not finding.ok] == []
    assert files_with_it(tmp_path) == []


def test_in_a_plain_folder_the_same_search_finds_it(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data", "--encryption", "off") as node:
        tell(node)
        found = {Path(path).name.removesuffix("-wal") for path in files_with_it(tmp_path)}
        assert found >= {"users.db", "journal.db"}


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux")
def test_the_key_is_in_no_argument_and_no_environment(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data") as node:
        key = (tmp_path / KEY_NAME).read_text().strip().encode()
        assert node.process is not None
        pids = [node.process.pid, *_children(node.process.pid)]
        assert len(pids) == 2, "the node and its follower"
        for pid in pids:
            for name in ("cmdline", "environ"):
                assert key not in Path(f"/proc/{pid}/{name}").read_bytes().lower()


def test_folder_0700_files_0600(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with NodeProcess(tmp_path / "data") as node:
            tell(node)
            node.kill()
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*")}
    assert set(modes) >= {"journal.db", "journal.db-wal", "users.db-wal", "history.db", "witness", "vault", "snapshots"}
    assert {name: mode for name, mode in modes.items() if mode != (0o700 if name == "snapshots" else 0o600)} == {}


def test_a_start_without_the_key_says_so_and_touches_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with NodeProcess(tmp_path / "data") as node:
        node.user("alice")
        assert node.stop() == 0
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    (tmp_path / KEY_NAME).rename(tmp_path / "away.key")
    stray = NodeProcess(tmp_path / "data")
    with pytest.raises(ValueError, match="Expecting value"):  # no ready line
        stray.start()
    assert stray.process is not None
    assert stray.process.wait(20) == 1
    assert stray.process.stdout is not None
    stray.process.stdout.close()
    assert "--key-file" in capfd.readouterr().err
    after = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert after == before
    with NodeProcess(tmp_path / "data", "--key-file", str(tmp_path / "away.key")) as node:
        assert node.again("alice").me().username == "alice"
        assert node.stop() == 0
    (tmp_path / "away.key").rename(tmp_path / KEY_NAME)  # for the audit that ends each test
