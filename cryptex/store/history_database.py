"""history.db, or the PostgreSQL database in its place: how it is opened, and its schema.

History can be rebuilt from the journal, so a schema of an older version is dropped and begins again, empty, at
cursor 0, and a file that is damaged may be set aside; a schema of a newer version is refused.
"""

import logging
import sqlite3
from pathlib import Path
from time import sleep
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, insert, inspect, make_url, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from cryptex.store import driver
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.database import DAMAGE, DataFolder, error_code, open_sqlite, refuse_newer
from cryptex.store.decimal_views import create_views
from cryptex.store.tables import HistoryTable
from cryptex.store.vault import key_of

HISTORY_SCHEMA_VERSION: Final = 3
META_ID: Final = 1
READ_CONNECTIONS_MAX: Final = 4
WAIT_S: Final = 10
"""How long a query waits for one of the connections."""

OPEN_ATTEMPTS_MAX: Final = 20
OPEN_PAUSE_S: Final = 0.02
"""How often, and how far apart, a file is opened that another process is just making."""

CACHE_KIB: Final = 65_536
"""Memory of the writer for pages of tables and indices; without it, every landing would read them again."""

CHECKPOINT_PAGES: Final = 10_000
"""Pages in the write-ahead log before they go to the database: the same index pages change in landing after landing."""

DAMAGED_SUFFIX: Final = ".damaged"
"""Ends the name under which a damaged file is kept, until there is another one."""

SQLITE: Final = "sqlite"
_log: Final = logging.getLogger(__name__)


def open_writer(location: Path | str) -> Engine:
    """Return an engine for the one writer, on a schema of this version.

    `location` is a data folder, or a database URL. Raises SchemaTooNew.
    """
    engine = _engine(location, writer=True)
    try:
        with engine.begin() as connection:
            _prepare(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_reader(location: Path | str) -> Engine:
    """Return an engine for readers, whose transactions each see one state; the schema is made when it is missing.

    `location` is a data folder, or a database URL. Raises SchemaTooNew.
    """
    open_writer(location).dispose()
    return _engine(location, writer=False)


def _engine(location: Path | str, *, writer: bool) -> Engine:
    size = 1 if writer else READ_CONNECTIONS_MAX
    path = _sqlite_path(location)
    if path is None:
        return create_engine(
            str(location),
            isolation_level="READ COMMITTED" if writer else "REPEATABLE READ",
            paramstyle="format",
            pool_size=size,
            max_overflow=0,
            pool_timeout=WAIT_S,
        )

    def connect() -> driver.Connection:
        connection = _open(path)
        if writer:
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        else:
            connection.execute("PRAGMA query_only = ON")
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        module=driver.driver_module(encrypted=key_of(path.parent) is not None),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=WAIT_S,
    )
    # The driver is in autocommit, so that no statement opens a transaction behind SQLAlchemy's back.
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def set_aside_damaged(location: Path | str, error: DatabaseError) -> bool:
    """Move a file out of the way, with a warning, if the error says that it is damaged; return whether it was.

    Call it with nothing open. What lies beside the file goes with it, and an older one that was moved there is lost.
    """
    path = _sqlite_path(location)
    if path is None or error_code(error.orig) not in DAMAGE:
        return False
    damaged = path.with_name(path.name + DAMAGED_SUFFIX)
    _log.warning("%s is damaged (%s): it is kept as %s, and history is built anew", path, error.orig, damaged.name)
    for suffix in ("-wal", "-shm", ""):
        source, target = (each.with_name(each.name + suffix) for each in (path, damaged))
        target.unlink(missing_ok=True)
        if source.exists():
            source.rename(target)
    return True


def _open(path: Path) -> driver.Connection:
    """Open the file. SQLite does not wait for another process that is just making it a WAL file, so this does."""
    for _ in range(OPEN_ATTEMPTS_MAX - 1):
        try:
            return open_sqlite(path, synchronous="NORMAL")
        except driver.OPERATIONAL_ERRORS as error:
            if error_code(error) != sqlite3.SQLITE_BUSY:
                raise
            sleep(OPEN_PAUSE_S)
    return open_sqlite(path, synchronous="NORMAL")


def _sqlite_path(location: Path | str) -> Path | None:
    """Return where history.db lies, or None for a database on a server."""
    if isinstance(location, Path):
        return DataFolder(location).prepare().history
    url = make_url(location)
    if url.get_backend_name() != SQLITE:
        return None
    if url.database is None:
        raise ValueError("history needs a file: sqlite:///PATH, or a data folder")
    return Path(url.database)


def _prepare(connection: Connection) -> None:
    found = _schema_version(connection)
    refuse_newer("history", found, HISTORY_SCHEMA_VERSION)
    if found != HISTORY_SCHEMA_VERSION:
        begin_anew(connection)


def begin_anew(connection: Connection) -> None:
    """Drop all of history that there is, and begin again at cursor 0."""
    _drop_all(connection)
    HistoryTable.metadata.create_all(connection)
    meta = HistoryTable.metadata.tables["meta"]
    row = {"id": META_ID, "schema_version": HISTORY_SCHEMA_VERSION, "cursor": 0, "time_ns": 0, "chain_hash": EMPTY_HASH}
    connection.execute(insert(meta).values(row))
    if connection.dialect.name == SQLITE:
        create_views(connection)


def _schema_version(connection: Connection) -> int:
    """Return the version in the meta row, which every version of the schema has; 0 without one."""
    if not inspect(connection).has_table("meta"):
        return 0
    return connection.execute(text("SELECT schema_version FROM meta")).scalar() or 0


def _drop_all(connection: Connection) -> None:
    """Drop what an older version left. A file is history's own; in a shared database only its own names go."""
    left = HistoryTable.metadata
    if connection.dialect.name == SQLITE:
        quote = connection.dialect.identifier_preparer.quote
        for view in inspect(connection).get_view_names():
            connection.exec_driver_sql(f"DROP VIEW {quote(view)}")
        left = MetaData()
        left.reflect(connection)
    left.drop_all(connection)
