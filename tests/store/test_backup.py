"""Backups: what is in them, what refuses them, and that nothing is ever overwritten."""

import io
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.commands import Stamped, Tick
from cryptex.store import backup
from cryptex.store.backup import MANIFEST, BackupDamaged, FolderNotEmpty, Manifest, back_up, put_back
from cryptex.store.database import DataFolder
from cryptex.store.journal import JournalDamaged, SqliteJournal
from cryptex.store.snapshots import Snapshot, SnapshotStore
from cryptex.store.users import Users

CREATED_AT = "2026-11-22T15:40:03.123456Z"
BATCHES = 5


def append(journal: SqliteJournal, count: int) -> None:
    """Append batches of two commands."""
    for _ in range(count):
        at_ns = journal.last_time_ns
        journal.append([Stamped(at_ns + 1, Tick()), Stamped(at_ns + 2, Tick())])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a journal, a user and a snapshot."""
    root = tmp_path / "data"
    journal = SqliteJournal.open(root, rules_version=RULES_VERSION)
    append(journal, BATCHES)
    users = Users.open(root, lambda: 1)
    users.reserve_ids([1, 2])
    users.close()
    SnapshotStore(root).save(Snapshot(4, 4, RULES_VERSION, journal.hash_at(4) or b"", "state", b"", b""))
    journal.close()
    return root


def saved(folder: Path, name: str = "one.backup") -> tuple[Path, Manifest]:
    """Back the folder up."""
    file = folder.parent / name
    return file, back_up(folder, file, version="0", created_at=CREATED_AT)


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Return a copy of a backup whose files went through `change`; None leaves one out."""
    to = file.with_suffix(".other")
    with tarfile.open(file, "r:gz") as source, tarfile.open(to, "w:gz") as target:
        for member in source:
            data = source.extractfile(member)
            changed = change(member.name, data.read() if data else b"")
            if changed is not None:
                member.size = len(changed)
                target.addfile(member, io.BytesIO(changed))
    return to


def test_what_is_backed_up_comes_back_equal(folder: Path, tmp_path: Path) -> None:
    file, manifest = saved(folder)
    assert (manifest.sequence, manifest.users) == (2 * BATCHES, 2)
    assert [content.name for content in manifest.files] == [
        "journal.db",
        "users.db",
        "snapshots/00000000000000000004.snapshot",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert put_back(file, tmp_path / "new" / "place") == manifest
    before, after = (
        SqliteJournal.open(root, rules_version=RULES_VERSION) for root in (folder, tmp_path / "new" / "place")
    )
    assert list(after.replay(0)) == list(before.replay(0))
    assert after.last_hash == before.last_hash
    assert SnapshotStore(tmp_path / "new" / "place").latest() == SnapshotStore(folder).latest()
    before.close()
    after.close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "place").rglob("*.db")} == {0o600}
    assert list(tmp_path.glob(".cryptex-*")) == []


def test_what_is_committed_while_the_long_part_is_copied_is_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal.open(folder, rules_version=RULES_VERSION)
    vacuum = backup._vacuum

    def busy(path: Path, to: Path) -> None:
        vacuum(path, to)
        if path.name == "journal.db":
            append(journal, 3)

    monkeypatch.setattr(backup, "_vacuum", busy)
    file, manifest = saved(folder)
    assert manifest.sequence == journal.last_sequence == 2 * (BATCHES + 3)
    journal.close()
    assert put_back(file, folder.parent / "new").hash == manifest.hash


def test_an_existing_file_is_left_alone(folder: Path) -> None:
    (folder.parent / "one.backup").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        saved(folder)
    assert (folder.parent / "one.backup").read_bytes() == b"mine"


def test_a_failed_backup_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_pack", full)
    with pytest.raises(OSError, match="No space"):
        saved(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["data"]


def test_a_damaged_journal_is_not_backed_up(folder: Path) -> None:
    path = DataFolder(folder).journal
    journal = SqliteJournal.open(folder, rules_version=RULES_VERSION)
    last_hash = journal.last_hash
    journal.close()
    data = bytearray(path.read_bytes())
    data[data.rindex(last_hash)] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(JournalDamaged):
        saved(folder)
    assert not (folder.parent / "one.backup").exists()


def test_a_folder_with_something_in_it_is_left_alone(folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)
    for place in (folder, tmp_path):
        with pytest.raises(FolderNotEmpty):
            put_back(file, place)
    (tmp_path / "empty").mkdir()
    put_back(file, tmp_path / "empty")


def test_what_the_check_raises_ends_the_restore(folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)

    def refuse(unpacked: Path) -> None:
        assert (unpacked / "witness").exists()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        put_back(file, tmp_path / "new", refuse)
    assert not (tmp_path / "new").exists()
    assert list(tmp_path.glob(".cryptex-*")) == []


DAMAGES: dict[str, Callable[[str, bytes], bytes | None]] = {
    "a byte of the journal": lambda name, data: data[:-1] + b"x" if name == "journal.db" else data,
    "no users": lambda name, data: None if name == "users.db" else data,
    "no journal": lambda name, data: None if name == "journal.db" else data,
    "no manifest": lambda name, data: None if name == MANIFEST else data,
    "a manifest of something else": lambda name, data: b"{}" if name == MANIFEST else data,
    "another format": lambda name, data: data.replace(b'"format":1', b'"format":9') if name == MANIFEST else data,
    "a path that leads out": lambda name, data: data.replace(b"users.db", b"../../up") if name == MANIFEST else data,
    "another end": lambda name, data: data.replace(b'"sequence":10', b'"sequence":11') if name == MANIFEST else data,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_refused(damage: Callable[[str, bytes], bytes | None], folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)
    with pytest.raises(BackupDamaged):
        put_back(rewritten(file, damage), tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kept", [0, 10, 400])
def test_a_part_of_a_file_is_refused(kept: int, folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BackupDamaged):
        put_back(file, tmp_path / "new")


def test_any_flipped_byte_is_refused_or_changes_nothing(folder: Path, tmp_path: Path) -> None:
    file, manifest = saved(folder)
    data = file.read_bytes()
    for at in range(0, len(data), max(1, len(data) // 60)):
        file.write_bytes(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        try:
            found = put_back(file, tmp_path / "new")
        except BackupDamaged:
            assert not (tmp_path / "new").exists()
            continue
        assert (found.sequence, found.hash) == (manifest.sequence, manifest.hash)
        shutil.rmtree(tmp_path / "new")
