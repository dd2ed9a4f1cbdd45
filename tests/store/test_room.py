"""Which errors mean that there was no room, and which leave the outcome open."""

import errno
import sqlite3
from pathlib import Path

import pytest

from cryptex.store import room
from cryptex.store.room import lacked_room


def failed(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("injected")
    error.sqlite_errorcode = code
    return error


def test_a_full_disk_is_taken_at_its_word(tmp_path: Path) -> None:
    assert lacked_room(failed(sqlite3.SQLITE_FULL), tmp_path / "journal.db")


def test_a_write_that_failed_where_there_is_room_failed_for_another_reason(tmp_path: Path) -> None:
    assert not lacked_room(failed(sqlite3.SQLITE_IOERR_WRITE), tmp_path / "journal.db")
    assert list(tmp_path.iterdir()) == [], "nothing is left of the trial"


@pytest.mark.parametrize(
    ("number", "lacked"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EFBIG, True), (errno.EIO, False)]
)
def test_a_write_that_failed_is_tried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, lacked: bool
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(number, "injected")

    monkeypatch.setattr(room, "TemporaryFile", refuse)
    assert lacked_room(failed(sqlite3.SQLITE_IOERR_WRITE), tmp_path / "journal.db") is lacked
    assert not lacked_room(failed(sqlite3.SQLITE_IOERR_FSYNC), tmp_path / "journal.db")
    assert not lacked_room(OSError(number, "not SQLite's"), tmp_path / "journal.db")
