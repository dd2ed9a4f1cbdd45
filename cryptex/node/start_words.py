"""Why a node did not start, in one line that says what to do."""

import logging
from pathlib import Path
from typing import Final

from cryptex.node.startup import StartRefused
from cryptex.store.database import DataFolder, FolderInUse, SchemaTooNew, SchemaTooOld, StoreDamaged, UnsafeDatabase
from cryptex.store.journal import JournalDamaged
from cryptex.store.key_places import KeyRefused
from cryptex.store.room import lacked_room

_log: Final = logging.getLogger(__name__)
REFUSALS: Final = (
    StartRefused,
    FolderInUse,
    KeyRefused,
    JournalDamaged,
    StoreDamaged,
    SchemaTooNew,
    SchemaTooOld,
    UnsafeDatabase,
)
"""What a start is refused with, in words that say what to do."""


def why_not_started(error: Exception | None, data_dir: Path) -> str:
    """Return why; what nobody foresaw is logged, with all that it said."""
    if isinstance(error, REFUSALS):
        return str(error)
    if error is not None and lacked_room(error, DataFolder(data_dir).journal):
        return f"there is no room on the disk of {data_dir}: make some, and start again; nothing is lost"
    if isinstance(error, OSError):
        return unusable(error, data_dir)
    _log.critical("the node did not start", exc_info=error)
    return "the node did not start: this is a fault of cryptex, and what it said is above"


def unusable(error: OSError, data_dir: Path) -> str:
    """Return why a data folder can not be used."""
    what = error.strerror or str(error)
    where = f"{error.filename}: " if error.filename and Path(str(error.filename)) != data_dir else ""
    return f"the data folder {data_dir} can not be used ({where}{what}): name another one with --data-dir"
