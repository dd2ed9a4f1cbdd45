"""Whether a write failed for want of room: then nothing of it is left after a rollback, and it may be tried again.

SQLite says so of a full disk alone. A quota, or a limit on the size of files, is an I/O error to it like any other, so
it is tried out: beside the database, where its WAL ends now.
"""

import errno
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

PROBE_BYTES: Final = 64 * 1024
"""About what a commit writes."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def lacked_room(error: BaseException, database: Path) -> bool:
    """Return whether what SQLite raised about writing to a database in WAL mode means that there is no room for it.

    True for an fsync never: what that leaves on disk is not known.
    """
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_IOERR_WRITE:
        return not _has_room(database.with_name(f"{database.name}-wal"))
    return bool(code & 0xFF == sqlite3.SQLITE_FULL)


def _has_room(wal: Path) -> bool:
    try:
        with TemporaryFile(dir=wal.parent) as probe:
            probe.seek(wal.stat().st_size if wal.exists() else 0)
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
    except OSError as error:
        return error.errno not in _NO_ROOM
    return True
