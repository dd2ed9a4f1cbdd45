"""Backups: a node's journal, people and newest snapshot as one file, taken while the node runs, and put back.

A backup holds what cannot be made again; history is made anew from the journal. It is what a crash at one moment would
have left: while the end of the journal and the users store are copied, the users store takes no writes, so that no
user is in one and not in the other. The long part, the journal up to where it was, is copied and checked before.
"""

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

import msgspec

from cryptex.store.batches import EMPTY_HASH, voided_by
from cryptex.store.database import DataFolder, StoreDamaged, open_sqlite, refuse_damage, transaction
from cryptex.store.driver import Connection
from cryptex.store.files import FILE_MODE, create_private, sync_path
from cryptex.store.journal import INSERT_BATCH, INSERT_VOID, JournalDamaged
from cryptex.store.journal_reader import JournalReader, journal_reads
from cryptex.store.snapshots import SEQUENCE_DIGITS, SnapshotStore
from cryptex.store.witness import Mark, Witness, read_mark

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 64 * 1024
FILES_MAX: Final = 8
"""Files in a backup, at most."""
_COMPRESSION: Final = 1
_CHUNK_BYTES: Final = 1024 * 1024
_WAY_BACK: Final = "the backup was not made; `cryptex node verify` says more"


class BackupDamaged(Exception):
    """The file is no backup, or not a whole one."""


class FolderNotEmpty(Exception):
    """There is already something where a backup was to be put back."""


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file in a backup."""

    name: str
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds. `sequence` and `hash` are of the journal's last batch; `users` counts people."""

    format: int
    version: str
    created_at: str
    sequence: int
    hash: str
    users: int
    files: tuple[Content, ...]

    @property
    def mark(self) -> Mark:
        """The end of its journal."""
        return Mark(self.sequence, bytes.fromhex(self.hash))


def back_up(data_dir: Path, file: Path, *, version: str, created_at: str) -> Manifest:
    """Write a backup of a data folder to a new file of mode 0600, durable on return; the folder's node may run.

    Raises FileExistsError, FileNotFoundError where there is no journal or its place is missing, JournalDamaged (also
    where the journal lacks what was acknowledged), StoreDamaged, SchemaTooNew, `driver.ERRORS` and OSError; then there
    is no such file.
    """
    folder = DataFolder(data_dir)
    if file.exists():
        raise FileExistsError(f"{file} exists already")
    if not folder.journal.exists():
        raise FileNotFoundError(f"there is no journal in {folder.root}")
    with TemporaryDirectory(prefix=".cryptex-backup-", dir=file.parent) as work:
        copy = DataFolder(work)
        mark, people = _copy_stores(folder, copy)
        files = [copy.journal, copy.users, *_copy_snapshot(folder, copy, mark)]
        contents = tuple(_content(path, str(path.relative_to(copy.root))) for path in files)
        manifest = Manifest(FORMAT, version, created_at, mark.sequence, mark.hash.hex(), people, contents)
        packed = copy.root / "backup"
        _pack(packed, manifest, copy.root)
        sync_path(packed)
        _name(packed, file)
    sync_path(file.parent)
    return manifest


def put_back(file: Path, data_dir: Path, check: Callable[[Path], None] = lambda _: None) -> Manifest:
    """Unpack a backup into a data folder that is not there yet, or empty, with a fresh witness; durable on return.

    `check` looks at the unpacked folder before it takes its place; what it raises ends the restore. Raises
    FileNotFoundError, FolderNotEmpty, BackupDamaged, JournalDamaged, StoreDamaged, SchemaTooNew, `driver.ERRORS` and
    OSError; then the folder is as it was.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise FolderNotEmpty(f"{data_dir} is not empty")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".cryptex-restore-", dir=data_dir.parent) as work:
        folder = DataFolder(Path(work) / "data").prepare()
        manifest = _unpack(file, folder)
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


def _content(path: Path, name: str) -> Content:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(name, path.stat().st_size, digest)


def _pack(to: Path, manifest: Manifest, root: Path) -> None:
    create_private(to)
    with tarfile.open(to, "w:gz", compresslevel=_COMPRESSION) as archive:
        told = msgspec.json.encode(manifest)
        archive.addfile(_member(MANIFEST, len(told)), io.BytesIO(told))
        for content in manifest.files:
            with (root / content.name).open("rb") as file:
                archive.addfile(_member(content.name, content.size_bytes), file)


def _member(name: str, size_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size_bytes, FILE_MODE
    return member


def _unpack(file: Path, folder: DataFolder) -> Manifest:
    """Unpack the files that the manifest names, each as it must be. Raises BackupDamaged."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest = _manifest(archive)
            for content in manifest.files:
                data = _data(archive, archive.next(), content.name, content.size_bytes)
                _write(data, content, folder.root / content.name)
    except (tarfile.TarError, zlib.error, EOFError, KeyError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupDamaged(f"{file} is no backup, or not a whole one ({error})") from error
    return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    member = archive.next()
    if member is None or member.size > MANIFEST_BYTES_MAX:
        raise tarfile.ReadError("it does not begin with a manifest")
    data = _data(archive, member, MANIFEST, member.size)
    try:
        manifest = msgspec.json.decode(data.read(MANIFEST_BYTES_MAX), type=Manifest)
        bytes.fromhex(manifest.hash)
    except (msgspec.DecodeError, ValueError) as error:
        raise tarfile.ReadError(f"its manifest cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupDamaged(f"the backup has format {manifest.format}, this cryptex knows {FORMAT}")
    names = [content.name for content in manifest.files]
    if len(set(names)) != len(names) or len(names) > FILES_MAX or not all(map(_is_known, names)):
        raise BackupDamaged("the backup holds files that a backup does not have")
    if not {"journal.db", "users.db"} <= set(names):
        raise BackupDamaged("the backup holds no journal, or no users")
    return manifest


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo | None, name: str, size_bytes: int) -> IO[bytes]:
    """Return what a plain file in an archive holds, if it is this one. Raises ReadError."""
    if member is None or member.name != name or not member.isreg() or member.issparse() or member.size != size_bytes:
        raise tarfile.ReadError(f"it lacks {name}")
    data = archive.extractfile(member)
    if data is None:
        raise tarfile.ReadError(f"it lacks {name}")
    return data


def _is_known(name: str) -> bool:
    folder, _, rest = name.rpartition("/")
    stem = rest.removesuffix(".snapshot")
    snapshot = folder == "snapshots" and rest != stem and stem.isdecimal() and len(stem) == SEQUENCE_DIGITS
    return snapshot or name in ("journal.db", "users.db")


def _write(data: IO[bytes], content: Content, path: Path) -> None:
    create_private(path)
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("r+b") as file:
        while chunk := data.read(_CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += file.write(chunk)
        file.flush()
    sync_path(path)
    if (size_bytes, digest.hexdigest()) != (content.size_bytes, content.sha256):
        raise BackupDamaged(f"{content.name} in the backup is damaged")


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
