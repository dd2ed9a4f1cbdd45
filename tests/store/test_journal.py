"""The journal on disk: what is appended is what is replayed, in one chain."""

import hashlib
import struct
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cryptex.protocol.codec import encode_batch
from cryptex.protocol.commands import Command, Deposit, PlaceOrder, Stamped, Tick, VoidCommand
from cryptex.protocol.terms import OrderType, Side
from cryptex.store import journal as journal_module
from cryptex.store.batches import EMPTY_HASH
from cryptex.store.journal import JournalDamaged, JournalReader, MemoryJournal, SqliteJournal
from tests.store.journal_tools import RULES_VERSION, deposits, fill, open_journal, spoil, void

_commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        Deposit, st.integers(1, 99), st.sampled_from(["BTC", "USDT"]), st.integers(0, 2**62), st.text(max_size=9)
    ),
    st.builds(PlaceOrder, st.integers(1, 99), st.just("BTC-USDT"), st.sampled_from(Side), st.sampled_from(OrderType)),
    st.builds(VoidCommand, st.integers(1, 50)),
    st.just(Tick()),
)
_batches = st.lists(st.lists(_commands, min_size=1, max_size=6), max_size=6)


def test_a_new_journal_is_empty(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert (journal.last_sequence, journal.last_time_ns, journal.last_hash) == (0, 0, EMPTY_HASH)
    assert list(journal.replay(0)) == []
    assert journal.voids() == frozenset()
    assert journal.hash_at(0) == EMPTY_HASH
    journal.close()


def test_the_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    journal = open_journal(folder)
    journal.append(deposits(1, 1))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()} == {
        "journal.db": 0o600,
        "journal.db-wal": 0o600,
        "journal.db-shm": 0o600,
        "witness": 0o600,
    }
    journal.close()


def test_a_batch_is_chained_to_the_one_before_over_all_its_columns(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    expected = bytes(32)
    for first, count in ((1, 2), (3, 1)):
        batch = deposits(count, first)
        journal.append(batch)
        head = struct.pack(">QQQ", first, count, RULES_VERSION)
        expected = hashlib.sha256(expected + head + encode_batch(batch)).digest()
        assert journal.last_hash == expected == journal.hash_at(journal.last_sequence)
    assert journal.hash_at(1) is None
    assert journal.hash_at(4) is None
    journal.close()


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    before = fill(tmp_path, (3, 1))
    journal = open_journal(tmp_path)
    assert (journal.last_sequence, journal.last_hash) == (4, before[-1].hash)
    assert journal.last_time_ns == before[-1].commands[-1].time_ns
    journal.append(deposits(2, 50))
    after = list(journal.replay(0))
    assert after[:2] == before
    assert (after[2].first_sequence, after[2].last_sequence, after[2].rules_version) == (5, 6, RULES_VERSION)
    assert list(journal.replay(4)) == after[2:]
    assert list(journal.replay(6)) == []
    journal.close()


def test_replay_begins_only_at_the_end_of_a_batch(tmp_path: Path) -> None:
    fill(tmp_path, (3, 1))
    journal = open_journal(tmp_path)
    for after in (2, 99):
        with pytest.raises(ValueError, match=f"no batch of the journal ends at sequence {after}"):
            list(journal.replay(after))
    journal.close()


def test_an_empty_batch_is_a_mistake(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for candidate in (journal, MemoryJournal()):
        with pytest.raises(ValueError, match="at least one command"):
            candidate.append([])
    journal.close()


def test_voids_are_known_at_once_and_after_a_restart(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append(deposits(3, 1))
    journal.append([void(2, 10), *deposits(1, 11), void(3, 12)])
    journal.append([void(2, 13)])
    assert journal.voids() == {2, 3}
    journal.close()
    journal = open_journal(tmp_path)
    assert journal.voids() == {2, 3}
    assert [batch.first_sequence for batch in journal.replay(0)] == [1, 4, 7]
    journal.close()


def test_a_table_of_voids_that_disagrees_with_the_log_is_noticed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append(deposits(2, 1))
    journal.append([void(1, 5)])
    journal.close()
    spoil(tmp_path, "DELETE FROM voids")
    journal = open_journal(tmp_path)
    with pytest.raises(JournalDamaged, match="sequence 3 voids 1"):
        list(journal.replay(0))
    journal.close()
    spoil(tmp_path, "INSERT INTO voids VALUES (2, 3)")
    journal = open_journal(tmp_path)
    with pytest.raises(JournalDamaged, match="sequence 3 does not void 2"):
        journal.voids()
    journal.close()


def test_a_reader_sees_each_batch_as_soon_as_it_is_committed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    reader = JournalReader.open(tmp_path)
    seen = 0
    for size in (2, 1, 5):
        journal.append([*deposits(size, journal.last_time_ns + 1), void(seen + 1, journal.last_time_ns + 99)])
        (batch,) = reader.replay(seen)
        assert (batch.hash, batch.last_sequence) == (journal.last_hash, journal.last_sequence)
        assert seen + 1 in reader.voids()
        seen = batch.last_sequence
        journal.checkpoint()
    reader.close()
    journal.close()


def test_a_reader_needs_a_journal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JournalReader.open(tmp_path)
    (tmp_path / "journal.db").touch()
    with pytest.raises(JournalDamaged, match="holds no journal"):
        JournalReader.open(tmp_path)


def test_appends_and_checkpoints_run_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "WAL_BYTES_MAX", 16 * 1024)
    journal = open_journal(tmp_path)
    done = threading.Event()
    failures: list[BaseException] = []

    def checkpoint_until_done() -> None:
        try:
            while not done.is_set():
                journal.checkpoint()
        except BaseException as error:
            failures.append(error)

    side = threading.Thread(target=checkpoint_until_done)
    side.start()
    for number in range(200):
        journal.append(deposits(2, 10 * number + 1))
    done.set()
    side.join()
    assert failures == []
    assert sum(len(batch.commands) for batch in journal.replay(0)) == 400
    journal.close()


def test_a_long_wal_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "WAL_BYTES_MAX", 16 * 1024)
    journal = open_journal(tmp_path)
    wal = tmp_path / "journal.db-wal"
    for number in range(10):
        journal.append(deposits(2, 10 * number + 1))
    assert wal.stat().st_size > 16 * 1024
    journal.checkpoint()
    assert wal.stat().st_size == 0
    journal.close()
    assert not wal.exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=_batches)
def test_what_is_appended_is_what_is_replayed(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Command]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    disk, memory = open_journal(folder), MemoryJournal(rules_version=RULES_VERSION)
    written = []
    for commands in batches:
        stamped = [Stamped(disk.last_time_ns + 1 + index, command) for index, command in enumerate(commands)]
        for journal in (disk, memory):
            journal.append(stamped)
        written.append(stamped)
    assert (disk.last_sequence, disk.last_hash) == (memory.last_sequence, memory.last_hash)
    disk.close()
    disk = SqliteJournal.open(folder, rules_version=RULES_VERSION)
    assert [batch.commands for batch in disk.replay(0)] == written
    assert list(disk.replay(0)) == list(memory.replay(0))
    assert disk.voids() == memory.voids()
    ends = [0, *(batch.last_sequence for batch in memory.replay(0))]
    for end in ends:
        assert list(disk.replay(end)) == list(memory.replay(end))
        assert disk.hash_at(end) == memory.hash_at(end)
    disk.close()
