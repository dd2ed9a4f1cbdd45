"""What happens when the disk says no, when a commit fails, and when the process is killed."""

import sqlite3
from pathlib import Path

import pytest

from cryptex.store import recovery
from cryptex.store.database import DataFolder, UnsafeDatabase, open_sqlite, set_pragmas
from cryptex.store.journal import CommitUnknown, JournalDamaged, JournalUnavailable, SqliteJournal
from cryptex.store.witness import Mark, Witness
from tests.store.journal_tools import deposits, fill, open_journal, spoil, void

pytestmark = pytest.mark.usefixtures("form")


def failed(code: int) -> sqlite3.OperationalError:
    """Return the error that SQLite would raise for a result code."""
    error = sqlite3.OperationalError("injected")
    error.sqlite_errorcode = code
    return error


def break_commit(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch, error: Exception, *, commits: bool) -> None:
    """Make COMMIT fail with `error`, after it has in fact committed or without it having done so."""

    def commit() -> None:
        if commits:
            journal._writer.execute("COMMIT")
        raise error

    monkeypatch.setattr(journal, "_commit", commit)


def test_a_full_disk_refuses_the_batch_and_nothing_has_changed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append(deposits(2, 1))
    before = (journal.last_sequence, journal.last_time_ns, journal.last_hash, (tmp_path / "witness").read_bytes())
    pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
    journal._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalUnavailable):
        journal.append([*deposits(400, 10, reference="x" * 60), void(1, 999)])
    assert before == (
        journal.last_sequence,
        journal.last_time_ns,
        journal.last_hash,
        (tmp_path / "witness").read_bytes(),
    )
    assert len(list(journal.replay(0))) == 1
    assert journal.voids() == frozenset()
    journal._writer.execute("PRAGMA max_page_count = 1000000")
    journal.append(deposits(1, 10))
    assert [batch.first_sequence for batch in journal.replay(0)] == [1, 3]
    journal.close()
    open_journal(tmp_path).close()


def test_a_disk_that_fills_up_within_commit_is_told_from_a_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(tmp_path)
    with monkeypatch.context() as patch:
        break_commit(journal, patch, failed(sqlite3.SQLITE_FULL), commits=False)
        with pytest.raises(JournalUnavailable):
            journal.append(deposits(2, 1))
    assert journal.last_sequence == 0
    journal.append(deposits(1, 1))
    with monkeypatch.context() as patch:  # it says full, but the batch is there: no proof of a rollback
        break_commit(journal, patch, failed(sqlite3.SQLITE_FULL), commits=True)
        with pytest.raises(CommitUnknown):
            journal.append(deposits(1, 5))
    journal.close()


def test_a_locked_file_is_unavailable(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal._writer.execute("PRAGMA busy_timeout = 0")
    other = open_sqlite(tmp_path / "journal.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable):
        journal.append(deposits(1, 1))
    other.execute("ROLLBACK")
    other.close()
    journal.append(deposits(1, 1))
    journal.close()


def test_another_writer_is_damage(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    spoil(tmp_path, "INSERT INTO batches VALUES (1, 1, 1, x'00', zeroblob(32))")
    with pytest.raises(CommitUnknown):  # the journal's end has moved: that nothing changed can not be proven
        journal.append(deposits(1, 1))
    journal.close()
    with pytest.raises(JournalDamaged):
        open_journal(tmp_path)


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_that_fails_ends_the_journal_and_the_next_open_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    journal = open_journal(tmp_path)
    journal.append([*deposits(2, 1), void(1, 4)])
    break_commit(journal, monkeypatch, failed(sqlite3.SQLITE_IOERR), commits=committed)
    for _ in range(2):
        with pytest.raises(CommitUnknown):
            journal.append(deposits(1, 10))
    assert journal.last_sequence == 3
    journal.close()
    assert (tmp_path / "journal.recover").exists()
    assert (tmp_path / "journal.db-wal").stat().st_size > 0
    old_file = (tmp_path / "journal.db").stat().st_ino

    journal = open_journal(tmp_path)
    assert (tmp_path / "journal.db").stat().st_ino != old_file
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600
    assert journal.last_sequence == (4 if committed else 3)
    assert journal.voids() == {1}
    journal.append(deposits(1, 20))
    journal.close()
    assert sorted(path.name for path in tmp_path.glob("journal*")) == ["journal.db"]
    open_journal(tmp_path).close()


def test_a_witness_that_can_not_be_written_makes_the_outcome_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_: Witness, mark: Mark) -> None:
        raise OSError("no")

    journal = open_journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Witness, "write", write)
        with pytest.raises(CommitUnknown):
            journal.append(deposits(1, 1))
    journal.close()
    journal = open_journal(tmp_path)
    assert journal.last_sequence == 1
    journal.close()


def test_a_commit_that_never_returns_can_be_flagged_from_outside(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append(deposits(1, 1))
    journal.flag_recovery()
    with pytest.raises(CommitUnknown):
        journal.append(deposits(1, 2))
    journal.close()
    assert recovery.recover(DataFolder(tmp_path))
    assert not recovery.recover(DataFolder(tmp_path))
    journal = open_journal(tmp_path)
    assert journal.last_sequence == 1
    journal.close()


@pytest.mark.parametrize("stop_before", ["copy", "rename", "swap", "marker"])
def test_a_recovery_that_is_cut_short_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_before: str
) -> None:
    batches = fill(tmp_path, (2, 3))
    folder = DataFolder(tmp_path)
    recovery.request_recovery(folder)
    target, name = {
        "copy": (recovery, "open_sqlite"),
        "rename": (recovery, "sync_path"),
        "swap": (recovery, "_swap"),
        "marker": (Path, "unlink"),
    }[stop_before]

    def stop(*_: object, **__: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(target, name, stop)
        with pytest.raises(OSError, match="the power went"):
            recovery.recover(folder)
    journal = open_journal(tmp_path)
    assert list(journal.replay(0)) == batches
    journal.close()
    assert sorted(path.name for path in tmp_path.glob("journal*")) == ["journal.db"]


def test_recovery_does_not_put_a_broken_chain_in_place(tmp_path: Path) -> None:
    fill(tmp_path, (2, 3))
    spoil(tmp_path, "UPDATE batches SET hash = zeroblob(32) WHERE first_sequence = 1")
    before = (tmp_path / "journal.db").read_bytes()
    recovery.request_recovery(DataFolder(tmp_path))
    with pytest.raises(JournalDamaged, match="batch at sequence 1 "):
        open_journal(tmp_path)
    assert (tmp_path / "journal.db").read_bytes() == before


def test_a_checkpoint_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sync(_: Witness) -> None:
        raise OSError("no")

    journal = open_journal(tmp_path)
    journal.append(deposits(1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(Witness, "sync", sync)
        with pytest.raises(JournalUnavailable):
            journal.checkpoint()
    journal.append(deposits(1, 2))
    journal.checkpoint()
    journal.close()


def test_durability_settings_are_proven(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal._writer.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert journal._writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert journal._writer.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
    journal.close()
    memory = sqlite3.connect(":memory:")
    with pytest.raises(UnsafeDatabase, match="needs WAL"):
        set_pragmas(memory, synchronous="FULL")
    memory.close()
