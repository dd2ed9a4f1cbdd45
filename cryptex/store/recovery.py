"""Recovery after a commit of unknown outcome: the journal is copied to a new file, which takes its place.

After a failed fsync the page cache may hold pages that are marked clean and are not on disk. Whatever can be read is
therefore written once more, somewhere else. Each step can be cut short and is repeated at the next start: the copy
only gets the name that `recover` trusts once it is whole and durable, and only loses it by becoming the journal.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptex.store.database import DataFolder, open_sqlite
from cryptex.store.files import FILE_MODE, create_private, sync_path
from cryptex.store.journal_reader import JournalReader, journal_reads

_MARKER_TEXT: Final = b"The last commit failed: the journal is copied to a new file at the next start.\n"


def request_recovery(folder: DataFolder) -> None:
    """Leave the marker that makes the next open recover; as well as a failing disk allows."""
    with suppress(OSError):
        descriptor = os.open(folder.recovery_marker, os.O_CREAT | os.O_WRONLY, FILE_MODE)
        try:
            os.write(descriptor, _MARKER_TEXT)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_path(folder.root)


def recover(folder: DataFolder) -> bool:
    """Finish what `request_recovery` asked for, if anything; return whether the journal was replaced.

    Nobody may have the journal open for writing. Raises JournalDamaged when what is left of it has a broken chain.
    """
    whole = folder.journal.with_suffix(".db.new")
    asked = folder.recovery_marker.exists() and folder.journal.exists()
    if asked and not whole.exists():
        _copy(folder.journal, whole)
    replaced = whole.exists()
    if replaced:
        _swap(whole, folder.journal)
    folder.recovery_marker.unlink(missing_ok=True)
    return replaced


def _copy(journal: Path, whole: Path) -> None:
    part = journal.with_suffix(".db.part")
    _remove_database(part)
    create_private(part)
    with journal_reads():
        source = open_sqlite(journal)
        try:
            source.execute("VACUUM INTO ?", (str(part),))
        finally:
            source.close()
    reader = JournalReader(open_sqlite(part))
    try:
        for _ in reader.rows(after=0):
            pass
    finally:
        reader.close()
    sync_path(part)
    part.replace(whole)
    sync_path(journal.parent)


def _swap(whole: Path, journal: Path) -> None:
    # The old WAL must be gone before the new file takes the name: SQLite would play it onto the wrong file.
    for suffix in ("-wal", "-shm"):
        journal.with_name(journal.name + suffix).unlink(missing_ok=True)
    sync_path(journal.parent)
    whole.replace(journal)
    sync_path(journal.parent)


def _remove_database(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
