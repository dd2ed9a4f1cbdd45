"""The two SQLite drivers: Python's own for plain files, SQLCipher's for encrypted ones. Nobody else names them.

SQLCipher's driver has exception classes of its own, which are none of `sqlite3`'s. So whoever catches an error of the
database catches one of the tuples below, and looks at its `sqlite_errorcode`.
"""

import sqlite3
from pathlib import Path
from typing import Any, Final

try:
    from sqlcipher3 import dbapi2 as _cipher
except ImportError:  # no wheel for this platform
    _cipher = None

HAS_CIPHER: Final = _cipher is not None
"""Whether encrypted files can be opened here."""

Connection = sqlite3.Connection
"""What both drivers' connections are to their users: they have the same methods."""


_READ_WRITE_CREATE_URI: Final = 0x2 | 0x4 | 0x40
_EXTENDED_CODES: Final = 0x2000000
"""SQLITE_OPEN_EXRESCODE. Without it SQLCipher's driver knows of an I/O error only that it is one, and not whether a
write failed, which may be tried again, or an fsync, which may not."""

_Errors = tuple[type[sqlite3.Error], type[sqlite3.Error]]


def _both(name: str, cipher_name: str) -> Any:
    return getattr(sqlite3, name), getattr(_cipher or sqlite3, cipher_name)


ERRORS: Final[_Errors] = _both("Error", "Error")
DATABASE_ERRORS: Final[_Errors] = _both("DatabaseError", "DatabaseError")
OPERATIONAL_ERRORS: Final[_Errors] = _both("OperationalError", "DatabaseError")
"""SQLCipher's driver has the narrower class only where there is no extended code: the code has to be looked at."""


def driver_module(*, encrypted: bool) -> Any:
    """Return the DB-API module for plain or encrypted files: what SQLAlchemy must know to tell errors apart."""
    return _cipher if encrypted else sqlite3


def connect(uri: str, key: str | None) -> Connection:
    """Open a file in autocommit, for any thread. `key` is 64 hex digits, or None for a plain file.

    A wrong key shows at the first statement that reads: as SQLITE_NOTADB, like a file that is no database.
    """
    if key is None:
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection = _cipher_connection(uri)
    try:
        _unlock(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def _cipher_connection(uri: str) -> Connection:
    connection: Connection = driver_module(encrypted=True).connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, flags=_READ_WRITE_CREATE_URI | _EXTENDED_CODES
    )
    return connection


def _unlock(connection: Connection, key: str) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # errors are told by those who catch them, not on stderr
    connection.execute(f"PRAGMA key = \"x'{key}'\"")  # a raw key: no derivation, which would take a second
    connection.execute("PRAGMA temp_store = MEMORY")


def export(path: Path, key: str | None, to: Path, new_key: str | None) -> None:
    """Write all of a file into another, empty one, under another key; None is for a plain file. Nobody else writes."""
    connection = _cipher_connection(f"{path.absolute().as_uri()}?mode=rw")
    try:
        if key is not None:
            _unlock(connection, key)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("ATTACH DATABASE ? AS made KEY ?", (str(to), "" if new_key is None else f"x'{new_key}'"))
        connection.execute("SELECT sqlcipher_export('made')").fetchall()
        connection.execute("DETACH DATABASE made")
    finally:
        connection.close()
