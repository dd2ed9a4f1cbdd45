"""Another key for a data folder whose node is stopped: a new one, the first one, or none any more.

Everything is written anew beside the old, in a folder that gets its name when it is whole and durable. Up to there a
crash leaves the folder as it was; from there on whoever takes the folder's lock finishes the swap (`rekey_swap`).
"""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Final, NamedTuple

from cryptex.store import driver
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.data_key import DataKey
from cryptex.store.database import FOLDER_MODE, DataFolder, FolderLock, StoreDamaged, open_sqlite, refuse_damage
from cryptex.store.files import create_private, sync_path, write_durably
from cryptex.store.journal_reader import JournalReader, journal_reads
from cryptex.store.key_places import KeyRefused
from cryptex.store.recovery import recover
from cryptex.store.rekey_swap import DATABASES, PART_NAME, PLAIN_NAME, finish_rekey
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.unlock import KeyWish
from cryptex.store.vault import HEADER_NAME, REKEYED_NAME, Header, key_for, new_header, read_header, write_header
from cryptex.store.witness import Mark

_WAY_BACK: Final = "nothing was changed; `cryptex node verify` says more"
_KNOWN: Final = (
    *(name + suffix for name in DATABASES for suffix in ("", "-wal", "-shm")),
    *("lock.db", "lock.db-journal", "witness", "snapshots", "node.json", "tls", HEADER_NAME),
)
_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


class Rekeyed(NamedTuple):
    """What was done: the new header (None: the folder is plain), the files written anew, and those left alone."""

    header: Header | None
    files: tuple[str, ...]
    left: tuple[str, ...]


def rekey(data_dir: Path, old: KeyWish, new: KeyWish | None, progress: Callable[[int, int], None]) -> Rekeyed:
    """Give a data folder a new key (None: make it plain). The old key stays where it is kept: backups may need it.

    Raises FolderInUse, FileNotFoundError where there is no journal, KeyRefused, JournalDamaged, StoreDamaged,
    `driver.ERRORS` and OSError; then the folder opens with the key that it had.
    """
    folder = DataFolder(data_dir)
    if not folder.journal.exists() and not (folder.root / REKEYED_NAME).exists():
        raise FileNotFoundError(f"{folder.journal} does not exist")
    if not driver.HAS_CIPHER:
        raise KeyRefused("SQLCipher is not installed here: `pip install sqlcipher3`")
    with FolderLock(data_dir):
        present = read_header(folder.root)
        key = None if present is None else key_for(present, old.key_file, old.phrase)
        recover(folder)
        header, new_key = (None, None) if new is None else _made(folder.root, new)
        try:
            files = _write_anew(folder, key, header, new_key, progress)
        except BaseException:
            rmtree(folder.root / PART_NAME, ignore_errors=True)
            raise
        (folder.root / PART_NAME).rename(folder.root / REKEYED_NAME)  # from here on the new key is the folder's
        sync_path(folder.root)
        finish_rekey(folder.root)
        left = tuple(sorted(path.name for path in folder.root.iterdir() if path.name not in _KNOWN))
    return Rekeyed(header, files, left)


def _made(root: Path, new: KeyWish) -> tuple[Header, DataKey]:
    return new_header(root, new.kind, new.key_file, new.phrase, another=True)


def _write_anew(
    folder: DataFolder,
    key: DataKey | None,
    header: Header | None,
    new_key: DataKey | None,
    progress: Callable[[int, int], None],
) -> tuple[str, ...]:
    """Write everything under the new key into a folder of its own, durably; return what."""
    part = folder.root / PART_NAME
    part.mkdir(mode=FOLDER_MODE)
    if header is None:
        write_durably(part / PLAIN_NAME, b"")
    else:
        write_header(part, header)
    made = DataFolder(part).prepare()
    sources = [path for path in (folder.journal, folder.users, folder.history) if path.exists()]
    for number, path in enumerate(sources):
        progress(number, len(sources))
        _export(path, key, part / path.name, new_key)
    with journal_reads():
        if _end(folder.root) != _end(part):
            raise KeyRefused(f"the copy of the journal has another end than the journal: {_WAY_BACK}")
    snapshots = _copy_snapshots(folder.root, part)
    sync_path(made.snapshots)
    sync_path(part)
    progress(len(sources), len(sources))
    return (*(path.name for path in sources), *snapshots)


def _export(path: Path, key: DataKey | None, to: Path, new_key: DataKey | None) -> None:
    create_private(to)
    with refuse_damage(path, _WAY_BACK):
        _check_pages(path)  # the export itself does not say of an error that it is damage
        driver.export(path, None if key is None else key.hex(), to, None if new_key is None else new_key.hex())
        if _counts(path) != _counts(to):
            raise KeyRefused(f"the copy of {path} has other rows than it has: {_WAY_BACK}")
    sync_path(to)


def _check_pages(path: Path) -> None:
    connection = open_sqlite(path)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        connection.close()
    if found != "ok":
        raise StoreDamaged(f"{path} is damaged ({found}): {_WAY_BACK}")


def _counts(path: Path) -> dict[str, int]:
    connection = open_sqlite(path)
    try:
        tables = [name for (name,) in connection.execute(_TABLES)]
        return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    finally:
        connection.close()


def _end(root: Path) -> Mark:
    """Return the end of a folder's journal, whose chain is whole. Raises JournalDamaged."""
    reader = JournalReader.open(root)
    try:
        mark = Mark(0, EMPTY_HASH)
        for row in reader.rows(0):
            mark = Mark(row.last_sequence, row.hash)
        return mark
    finally:
        reader.close()


def _copy_snapshots(root: Path, part: Path) -> list[str]:
    """Write the whole snapshots anew, and leave the damaged ones out."""
    source, target = SnapshotStore(root), SnapshotStore(part)
    whole = [snapshot for snapshot in map(source.at, source.sequences()) if snapshot is not None]
    for snapshot in whole:
        target.save(snapshot)
    return [f"snapshots/{snapshot.sequence}" for snapshot in whole]
