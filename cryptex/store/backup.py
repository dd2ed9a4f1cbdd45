"""Backups: a node's journal, people and newest snapshot as one file, taken while the node runs, and put back.

A backup holds what cannot be made again; history is made anew from the journal. It is what a crash at one moment would
have left: while the end of the journal and the users store are copied, the users store takes no writes, so that no
user is in one and not in the other. The long part, the journal up to where it was, is copied and checked before.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptex.store.backup_archive import FORMAT, BackupDamaged, Manifest, archive_header, content_of, pack, unpack
from cryptex.store.batches import EMPTY_HASH, voided_by
from cryptex.store.data_key import DataKey
from cryptex.store.database import DataFolder, StoreDamaged, open_sqlite, refuse_damage, transaction
from cryptex.store.driver import Connection
from cryptex.store.files import FILE_MODE, create_private, sync_path
from cryptex.store.journal import INSERT_BATCH, INSERT_VOID, JournalDamaged
from cryptex.store.journal_reader import JournalReader, journal_reads
from cryptex.store.key_places import refuse_own_folder
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.vault import key_for, key_of, read_header, write_header
from cryptex.store.witness import Mark, Witness, read_mark

__all__ = ["BackupDamaged", "FolderNotEmpty", "Manifest", "back_up", "put_back"]

_WAY_BACK: Final = "the backup was not made; `cryptex node verify` says more"


class FolderNotEmpty(Exception):
    """There is already something where a backup was to be put back."""


def back_up(data_dir: Path, file: Path, *, version: str, created_at: str) -> Manifest:
    """Write a backup of a data folder to a new file of mode 0600, durable on return; the folder's node may run.

    Raises FileExistsError, FileNotFoundError where there is no journal or its place is missing, JournalDamaged (also
    where the journal lacks what was acknowledged), StoreDamaged, SchemaTooNew, KeyRefused, `driver.ERRORS` and OSError;
    then there is no such file.
    """
    folder = DataFolder(data_dir)
    if file.exists():
        raise FileExistsError(f"{file} exists already")
    if not folder.journal.exists():
        raise FileNotFoundError(f"there is no journal in {folder.root}")
    key, header = key_of(folder.root), read_header(folder.root)
    with TemporaryDirectory(prefix=".cryptex-backup-", dir=file.parent) as work:
        copy = DataFolder(work)
        if header is not None:  # the copies are encrypted as the folder is, from their first byte
            write_header(copy.root, header)
        mark, people = _copy_stores(folder, copy)
        files = [copy.journal, copy.users, *_copy_snapshot(folder, copy, mark)]
        contents = tuple(content_of(path, str(path.relative_to(copy.root))) for path in files)
        manifest = Manifest(FORMAT, version, created_at, mark.sequence, mark.hash.hex(), people, contents)
        packed = copy.root / "backup"
        pack(packed, manifest, copy.root, header, key)
        sync_path(packed)
        _name(packed, file)
    sync_path(file.parent)
    return manifest


def put_back(
    file: Path,
    data_dir: Path,
    check: Callable[[Path], None] = lambda _: None,
    *,
    key_file: Path | None = None,
    phrase: str | None = None,
) -> Manifest:
    """Unpack a backup into a data folder that is not there yet, or empty, with a fresh witness; durable on return.

    `check` looks at the unpacked folder before it takes its place; what it raises ends the restore. Raises
    FileNotFoundError, FolderNotEmpty, BackupDamaged, JournalDamaged, StoreDamaged, SchemaTooNew, KeyRefused,
    `driver.ERRORS` and OSError; then the folder is as it was. What was encrypted stays so, with the same key; where
    `key_file` names it, the new folder looks for it there.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise FolderNotEmpty(f"{data_dir} is not empty")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".cryptex-restore-", dir=data_dir.parent) as work:
        folder = DataFolder(Path(work) / "data").prepare()
        manifest = unpack(file, folder.root, _unlocked(file, folder.root, data_dir, key_file, phrase))
        _check_journal(folder, manifest.mark)
        Witness.create(folder.witness, manifest.mark).close()
        for path in (folder.snapshots, folder.root):
            sync_path(path)
        check(folder.root)
        if data_dir.exists():
            data_dir.rmdir()
        folder.root.rename(data_dir)
    sync_path(data_dir.parent)
    return manifest


def _unlocked(file: Path, root: Path, data_dir: Path, key_file: Path | None, phrase: str | None) -> DataKey | None:
    """Return the key of a backup, with the header written for the folder that is to be; None for a plain one."""
    header = archive_header(file)
    if header is None:
        return None
    key = key_for(header, key_file, phrase)
    if key_file is not None:
        refuse_own_folder(data_dir, key_file)
        header = header.kept_in(key_file, key)
    write_header(root, header)
    return key


def _name(packed: Path, file: Path) -> None:
    """Give a file its name, unless somebody else has it by now. Raises FileExistsError."""
    try:
        os.link(packed, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        packed.replace(file)


def _copy_stores(folder: DataFolder, copy: DataFolder) -> tuple[Mark, int]:
    """Copy journal and users as of one moment; return the journal's end, and how many people there are."""
    if folder.recovery_marker.exists() or folder.journal.with_suffix(".db.new").exists():
        raise JournalDamaged("the last commit failed: start the node once, it recovers the journal")
    _vacuum(folder.journal, copy.journal)
    end = _whole(copy.journal)
    with refuse_damage(folder.users, _WAY_BACK), _no_writes(folder.users) as users:
        end = _copy_tail(folder, copy.journal, end)
        people = int(users.execute("SELECT COUNT(*) FROM users WHERE id > 0").fetchone()[0])
        _vacuum(folder.users, copy.users)
    return end, people


def _whole(journal: Path) -> Mark:
    """Return the end of a copied journal whose chain is whole. Raises JournalDamaged."""
    reader = JournalReader(open_sqlite(journal))
    try:
        return _end(reader)
    finally:
        reader.close()


def _vacuum(path: Path, to: Path) -> None:
    create_private(to)
    with journal_reads():
        source = open_sqlite(path, read_only=True)
        try:
            source.execute("VACUUM INTO ?", (str(to),))
        finally:
            source.close()


@contextmanager
def _no_writes(users: Path) -> Iterator[Connection]:
    """Hold the write lock of the users store, which every node makes at its first start. Raises StoreDamaged."""
    if not users.exists():
        raise StoreDamaged(f"{users} is missing: {_WAY_BACK}")
    connection = open_sqlite(users)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
    finally:
        connection.close()


def _copy_tail(folder: DataFolder, to: Path, end: Mark) -> Mark:
    """Add to a copied journal what was committed since, and check that it has what was acknowledged."""
    acknowledged = _acknowledged(folder)
    source, copied = JournalReader.open(folder.root), open_sqlite(to)
    try:
        with transaction(copied):
            for row in source.rows(end.sequence):
                copied.execute(INSERT_BATCH, row)
                copied.executemany(INSERT_VOID, voided_by(row.first_sequence, row.decode().commands))
                end = Mark(row.last_sequence, row.hash)
        if JournalReader(copied).hash_at(acknowledged.sequence) != acknowledged.hash:
            raise JournalDamaged(f"the journal lacks what was acknowledged, up to {acknowledged.sequence}")
        copied.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    finally:
        source.close()
        copied.close()
    return end


def _acknowledged(folder: DataFolder) -> Mark:
    """Return what the witness remembers. Raises JournalDamaged."""
    try:
        return read_mark(folder.witness)
    except (FileNotFoundError, ValueError) as error:
        raise JournalDamaged(f"the journal has no witness ({error})") from error


def _end(reader: JournalReader) -> Mark:
    mark = Mark(0, EMPTY_HASH)
    for row in reader.rows(0):
        mark = Mark(row.last_sequence, row.hash)
    return mark


def _copy_snapshot(folder: DataFolder, copy: DataFolder, mark: Mark) -> list[Path]:
    if not folder.snapshots.exists():
        return []
    snapshot = SnapshotStore(folder.root).latest(mark.sequence)
    if snapshot is None:
        return []
    copies = SnapshotStore(copy.root)
    copies.save(snapshot)
    return sorted(copy.snapshots.glob("*.snapshot"))


def _check_journal(folder: DataFolder, mark: Mark) -> None:
    with journal_reads():
        open_sqlite(folder.journal).close()  # turns the file to the mode in which it is used
    with refuse_damage(folder.users, "the backup is damaged"):
        open_sqlite(folder.users).close()
    reader = JournalReader.open(folder.root)
    try:
        found = _end(reader)
    finally:
        reader.close()
    if found != mark:
        raise BackupDamaged(f"the backup's journal ends at {found.sequence}, its manifest says {mark.sequence}")
