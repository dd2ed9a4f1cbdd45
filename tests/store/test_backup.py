"""Backups: what is in them, what refuses them, and that nothing is ever overwritten."""

import hashlib
import io
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.commands import Stamped, Tick
from cryptex.store import backup
from cryptex.store.backup import BackupDamaged, FolderNotEmpty, Manifest, back_up, put_back
from cryptex.store.backup_archive import MANIFEST, Content
from cryptex.store.database import DataFolder, StoreDamaged, open_sqlite
from cryptex.store.journal import JournalDamaged, SqliteJournal
from cryptex.store.journal_reader import JournalReader
from cryptex.store.snapshots import Snapshot, SnapshotStore
from cryptex.store.users import Users
from cryptex.store.witness import Mark, Witness
from tests.store.vaults import begin_folder

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
    return filled(tmp_path / "data")


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def either(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a folder in either form."""
    key_file = tmp_path_factory.mktemp("keys") / "node.key"
    return filled(begin_folder(tmp_path / "data", encrypted=request.param, key_file=key_file))


def filled(root: Path) -> Path:
    """Put a journal, a user and a snapshot into a folder."""
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


def test_what_is_backed_up_comes_back_equal(either: Path, tmp_path: Path) -> None:
    file, manifest = saved(either)
    assert (manifest.sequence, manifest.users) == (2 * BATCHES, 2)
    assert [content.name for content in manifest.files] == [
        "journal.db",
        "users.db",
        "snapshots/00000000000000000004.snapshot",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert put_back(file, tmp_path / "new" / "place") == manifest
    before, after = (
        SqliteJournal.open(root, rules_version=RULES_VERSION) for root in (either, tmp_path / "new" / "place")
    )
    assert list(after.replay(0)) == list(before.replay(0))
    assert after.last_hash == before.last_hash
    assert SnapshotStore(tmp_path / "new" / "place").latest() == SnapshotStore(either).latest()
    before.close()
    after.close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "place").rglob("*.db")} == {0o600}
    assert list(tmp_path.glob(".cryptex-*")) == []


def test_what_is_committed_while_the_long_part_is_copied_is_in_it(
    either: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal.open(either, rules_version=RULES_VERSION)
    vacuum = backup._vacuum

    def busy(path: Path, to: Path) -> None:
        vacuum(path, to)
        if path.name == "journal.db":
            append(journal, 3)

    monkeypatch.setattr(backup, "_vacuum", busy)
    file, manifest = saved(either)
    assert manifest.sequence == journal.last_sequence == 2 * (BATCHES + 3)
    journal.close()
    assert put_back(file, either.parent / "new").hash == manifest.hash


def test_an_existing_file_is_left_alone(folder: Path) -> None:
    (folder.parent / "one.backup").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        saved(folder)
    assert (folder.parent / "one.backup").read_bytes() == b"mine"


def test_a_failed_backup_leaves_nothing(either: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "pack", full)
    with pytest.raises(OSError, match="No space"):
        saved(either)
    assert sorted(path.name for path in either.parent.iterdir()) == ["data"]


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


def test_a_journal_that_lacks_what_was_acknowledged_is_not_backed_up(either: Path) -> None:
    witness = DataFolder(either).witness
    Witness.create(witness, Mark(2 * BATCHES + 2, b"x" * 32)).close()
    with pytest.raises(JournalDamaged, match="lacks what was acknowledged"):
        saved(either)
    witness.unlink()
    with pytest.raises(JournalDamaged, match="no witness"):
        saved(either)


@pytest.mark.parametrize("name", ["journal.recover", "journal.db.new"])
def test_a_journal_that_waits_for_its_recovery_is_not_backed_up(name: str, folder: Path) -> None:
    (folder / name).touch()
    with pytest.raises(JournalDamaged, match="recovers"):
        saved(folder)


def test_without_users_there_is_no_backup(either: Path) -> None:
    DataFolder(either).users.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        saved(either)
    assert sorted(path.name for path in either.parent.iterdir()) == ["data"]


def test_the_chain_is_walked_while_users_may_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[int] = []
    end = backup._end

    def walk(reader: JournalReader) -> Mark:
        users = open_sqlite(DataFolder(folder).users)
        users.execute("PRAGMA busy_timeout = 0")
        users.execute("BEGIN IMMEDIATE")
        users.close()
        found = end(reader)
        walked.append(found.sequence)
        return found

    monkeypatch.setattr(backup, "_end", walk)
    saved(folder)
    assert walked == [2 * BATCHES]


def test_a_name_that_was_taken_meanwhile_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = backup.pack

    def slow(to: Path, *rest: Any) -> None:
        pack(to, *rest)
        (folder.parent / "one.backup").write_bytes(b"mine")

    monkeypatch.setattr(backup, "pack", slow)
    with pytest.raises(FileExistsError):
        saved(folder)
    assert (folder.parent / "one.backup").read_bytes() == b"mine"


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


def test_more_than_was_promised_is_not_written(folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)
    bomb = rewritten(file, lambda name, data: b"\0" * 50_000_000 if name == "journal.db" else data)
    with pytest.raises(BackupDamaged, match=r"lacks journal\.db"):
        put_back(bomb, tmp_path / "new")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_what_is_no_plain_file_is_refused(kind: bytes, folder: Path, tmp_path: Path) -> None:
    file, _ = saved(folder)
    to = tmp_path / "odd.backup"
    with tarfile.open(file, "r:gz") as source, tarfile.open(to, "w:gz") as target:
        for member in source:
            if member.name == "users.db":
                member.type, member.linkname, member.size = kind, "nowhere", 0
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
    with pytest.raises(BackupDamaged):
        put_back(to, tmp_path / "new")


def test_stores_that_are_none_are_refused(folder: Path, tmp_path: Path) -> None:
    for name, error in (("journal.db", JournalDamaged), ("users.db", StoreDamaged)):
        file = folder.parent / f"{name}.backup"
        changed = Path(shutil.copytree(folder, tmp_path / f"other {name}"))
        made = back_up(changed, file, version="0", created_at=CREATED_AT)
        [content] = [each for each in made.files if each.name == name]
        junk = b"x" * content.size_bytes
        digest = hashlib.sha256(junk).hexdigest().encode()

        def spoil(inside: str, data: bytes, name: str = name, content: Content = content) -> bytes:
            if inside == MANIFEST:
                return data.replace(content.sha256.encode(), digest)  # noqa: B023 (called at once)
            return junk if inside == name else data  # noqa: B023 (called at once)

        with pytest.raises(error):
            put_back(rewritten(file, spoil), tmp_path / f"new {name}")
        assert not (tmp_path / f"new {name}").exists()


def test_four_bytes_anywhere_are_refused_or_change_nothing(either: Path, tmp_path: Path) -> None:
    file, manifest = saved(either)
    data, chance = file.read_bytes(), Random(7)
    for _ in range(80):
        at = chance.randrange(len(data) - 4)
        file.write_bytes(data[:at] + chance.randbytes(4) + data[at + 4 :])
        try:
            found = put_back(file, tmp_path / "new")
        except BackupDamaged:
            continue
        assert (found.sequence, found.hash) == (manifest.sequence, manifest.hash)
        shutil.rmtree(tmp_path / "new")


@pytest.mark.parametrize("kept", [0, 10, 400])
def test_a_part_of_a_file_is_refused(kept: int, either: Path, tmp_path: Path) -> None:
    file, _ = saved(either)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BackupDamaged):
        put_back(file, tmp_path / "new")


def test_any_flipped_byte_is_refused_or_changes_nothing(either: Path, tmp_path: Path) -> None:
    file, manifest = saved(either)
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
