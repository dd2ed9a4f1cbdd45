"""History made anew from the journal, while the node is stopped."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptex.node.follower import Follower
from cryptex.store.database import DataFolder, FolderLock, open_sqlite
from cryptex.store.files import sync_path
from cryptex.store.journal import JournalReader
from cryptex.store.projector import Projector

NEW_NAME: Final = "history.db.new"


def rebuild(data_dir: Path, progress: Callable[[int, int], None] = lambda _at, _end: None) -> int:
    """Make history.db anew and put it in the old one's place; return the sequence up to which it has landed.

    The old one stays until the new one is whole. Raises FolderInUse, FileNotFoundError where there is no journal, and
    what the follower raises.
    """
    folder = DataFolder(data_dir)
    if not folder.journal.exists():
        raise FileNotFoundError(f"{folder.journal} does not exist")
    with FolderLock(data_dir):
        new = folder.root / NEW_NAME
        remove_database(new)
        end = _last_sequence(data_dir)
        _fill(data_dir, new, end, progress)
        remove_database(folder.history)
        new.replace(folder.history)
        sync_path(folder.root)
    return end


def _fill(data_dir: Path, new: Path, end: int, progress: Callable[[int, int], None]) -> None:
    projector = Projector(f"sqlite:///{new.absolute()}")
    try:
        follower = Follower(data_dir, projector, snapshot_every=sys.maxsize)
        try:
            for cursor in follower.advance(end):
                progress(cursor, end)
        finally:
            follower.close()
    finally:
        projector.close()
    connection = open_sqlite(new)
    try:  # everything into the one file that is renamed
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    sync_path(new)


def _last_sequence(data_dir: Path) -> int:
    reader = JournalReader.open(data_dir)
    try:
        last = reader.last_row()
        return 0 if last is None else last.last_sequence
    finally:
        reader.close()


def remove_database(path: Path) -> None:
    """Delete an SQLite file and what lies beside it."""
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
