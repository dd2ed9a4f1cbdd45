"""Schema versions, the folder's lock, and transactions."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cryptex.store.database import (
    FolderInUse,
    FolderLock,
    SchemaTooNew,
    SchemaTooOld,
    StoreDamaged,
    check_schema_version,
    open_sqlite,
    schema_version,
    transaction,
)
from cryptex.store.users import Users

HOLD_THE_LOCK = """
import sys
from cryptex.store.database import FolderLock
lock = FolderLock(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_schema_is_made_step_by_step_and_only_once(tmp_path: Path) -> None:
    steps = {1: ["CREATE TABLE one (a INTEGER) STRICT"], 2: ["CREATE TABLE two (a INTEGER) STRICT"]}
    connection = open_sqlite(tmp_path / "x.db")
    assert check_schema_version(connection, "x", 1, {1: steps[1]}) == 0
    assert check_schema_version(connection, "x", 2, steps) == 1
    assert check_schema_version(connection, "x", 2, steps) == 2
    assert schema_version(connection, "x") == 2
    connection.execute("SELECT * FROM one, two")
    with pytest.raises(SchemaTooNew, match="schema 2 and this cryptex knows 1"):
        check_schema_version(connection, "x", 1, steps)
    with pytest.raises(SchemaTooOld, match="no step leads to 3"):
        check_schema_version(connection, "x", 3, steps)
    connection.close()


def test_a_step_that_fails_leaves_the_old_schema(tmp_path: Path) -> None:
    connection = open_sqlite(tmp_path / "x.db")
    with pytest.raises(sqlite3.OperationalError):
        check_schema_version(connection, "x", 1, {1: ["CREATE TABLE one (a INTEGER)", "nonsense"]})
    assert schema_version(connection, "x") == 0
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    connection.close()


def test_a_new_file_without_steps_is_stamped(tmp_path: Path) -> None:
    connection = open_sqlite(tmp_path / "x.db", synchronous="NORMAL")
    assert check_schema_version(connection, "x", 4) == 0
    assert schema_version(connection, "x") == 4
    with pytest.raises(SchemaTooOld):
        check_schema_version(connection, "x", 5)
    connection.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    connection = open_sqlite(tmp_path / "x.db")
    connection.execute("CREATE TABLE one (a INTEGER) STRICT")
    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.executemany("INSERT INTO one VALUES (?)", [(1,), ("not a number",)])
    with transaction(connection):
        connection.execute("INSERT INTO one VALUES (2)")
    assert connection.execute("SELECT a FROM one").fetchall() == [(2,)]
    connection.close()


def test_a_read_only_connection_reads_only(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_sqlite(tmp_path / "x.db", read_only=True)
    open_sqlite(tmp_path / "x.db").close()
    connection = open_sqlite(tmp_path / "x.db", read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("CREATE TABLE one (a INTEGER)")
    connection.close()


def test_a_folder_has_one_holder(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        with pytest.raises(FolderInUse, match="another node is running"):
            FolderLock(tmp_path)
        with FolderLock(tmp_path / "other"):
            pass
    FolderLock(tmp_path).release()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(FolderInUse):
        FolderLock(tmp_path)
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    FolderLock(tmp_path).release()


def test_a_garbled_lock_is_named_with_the_way_back(tmp_path: Path) -> None:
    FolderLock(tmp_path).release()
    (tmp_path / "lock.db").write_bytes(b"this is not a database " * 400)
    with pytest.raises(StoreDamaged, match=r"lock\.db is damaged \(file is not a database\): .*remove it"):
        FolderLock(tmp_path)


def test_a_garbled_users_store_is_named_with_the_way_back(tmp_path: Path) -> None:
    Users.open(tmp_path, lambda: 0).close()
    whole = (tmp_path / "users.db").read_bytes()
    way_back = r"users\.db is damaged \(.*\): restore it from a backup, or .* --repair"
    (tmp_path / "users.db").write_bytes(b"this is not a database " * 400)
    with pytest.raises(StoreDamaged, match=way_back):
        Users.open(tmp_path, lambda: 0)
    (tmp_path / "users.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreDamaged, match=way_back):
        Users.open(tmp_path, lambda: 0).known_ids()
