"""The two drivers: what is promised of both, and what SQLCipher's does otherwise, which this project rests on."""

import os
import sqlite3
from pathlib import Path

import pytest

from cryptex.store import driver
from cryptex.store.data_key import DataKey
from cryptex.store.database import DAMAGE, error_code, open_sqlite
from cryptex.store.driver import Connection
from cryptex.store.vault import key_of
from tests.store.vaults import begin_folder, both_forms

PAGE_BYTES = 4096


@pytest.fixture
def connection(tmp_path: Path, encrypted: bool) -> Connection:
    """A connection to a new file with a table."""
    opened = open_sqlite(begin_folder(tmp_path / "data", encrypted=encrypted) / "x.db")
    opened.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB UNIQUE) STRICT")
    return opened


@both_forms
def test_durable_settings_are_taken(connection: Connection) -> None:
    def asked(pragma: str) -> object:
        return connection.execute(f"PRAGMA {pragma}").fetchone()[0]

    assert (asked("journal_mode"), asked("synchronous"), asked("foreign_keys")) == ("wal", 2, 1)
    assert (asked("cell_size_check"), asked("trusted_schema"), asked("checkpoint_fullfsync")) == (1, 0, 1)


@pytest.mark.parametrize("encrypted", [True])
def test_the_cipher_authenticates_each_page_and_spills_nothing(connection: Connection) -> None:
    def asked(pragma: str) -> str:
        return str(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    assert (asked("cipher_use_hmac"), asked("temp_store"), asked("cipher_page_size")) == ("1", "2", str(PAGE_BYTES))
    assert asked("cipher_plaintext_header_size") == "0"


@both_forms
def test_errors_have_their_whole_code_and_are_caught_by_name(tmp_path: Path, connection: Connection) -> None:
    connection.execute("INSERT INTO t VALUES (1, x'01')")
    with pytest.raises(driver.DATABASE_ERRORS) as unique:
        connection.execute("INSERT INTO t VALUES (2, x'01')")
    assert unique.value.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE
    assert error_code(unique.value) == sqlite3.SQLITE_CONSTRAINT
    other = open_sqlite(tmp_path / "data" / "x.db")
    other.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN")
    other.execute("SELECT * FROM t").fetchall()
    connection.execute("INSERT INTO t VALUES (3, x'03')")
    with pytest.raises(driver.OPERATIONAL_ERRORS) as stale:
        other.execute("INSERT INTO t VALUES (4, x'04')")
    assert stale.value.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
    assert isinstance(stale.value, driver.ERRORS)


@pytest.mark.parametrize("page", [1, 2, 5])
def test_a_page_that_was_changed_is_damage(tmp_path: Path, page: int) -> None:
    folder = begin_folder(tmp_path / "data", encrypted=True)
    connection = open_sqlite(folder / "x.db")
    connection.execute("CREATE TABLE t (b BLOB) STRICT")
    connection.executemany("INSERT INTO t VALUES (?)", [(os.urandom(3000),) for _ in range(9)])
    connection.close()
    data = bytearray((folder / "x.db").read_bytes())
    data[page * PAGE_BYTES - 100] ^= 1
    (folder / "x.db").write_bytes(data)
    with pytest.raises(driver.DATABASE_ERRORS) as found:
        open_sqlite(folder / "x.db").execute("SELECT SUM(LENGTH(b)) FROM t").fetchall()
    assert error_code(found.value) in DAMAGE


def test_another_key_is_damage_too(tmp_path: Path) -> None:
    folder = begin_folder(tmp_path / "data", encrypted=True)
    open_sqlite(folder / "x.db").close()
    uri = f"{(folder / 'x.db').as_uri()}?mode=ro"
    with pytest.raises(driver.DATABASE_ERRORS) as found:
        driver.connect(uri, DataKey.new().hex()).execute("SELECT 1 FROM sqlite_schema").fetchall()
    assert error_code(found.value) == sqlite3.SQLITE_NOTADB


def test_a_copy_by_vacuum_is_encrypted_as_its_source(tmp_path: Path) -> None:
    folder = begin_folder(tmp_path / "data", encrypted=True)
    source = open_sqlite(folder / "x.db")
    source.execute("CREATE TABLE t (b TEXT) STRICT")
    source.execute("INSERT INTO t VALUES ('quetzal')")
    source.execute("VACUUM INTO ?", (str(folder / "y.db"),))
    assert b"quetzal" not in (folder / "y.db").read_bytes()
    assert key_of(folder) is not None
    assert open_sqlite(folder / "y.db").execute("SELECT b FROM t").fetchone() == ("quetzal",)
