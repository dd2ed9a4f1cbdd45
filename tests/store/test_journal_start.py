"""What start-up makes of a journal and its witness, and how damage is named."""

from pathlib import Path

import pytest

from cryptex.store.batches import EMPTY_HASH, Row
from cryptex.store.database import SchemaTooNew
from cryptex.store.journal import JournalDamaged, JournalReader
from cryptex.store.witness import SLOT_BYTES, Mark, Witness
from tests.store.journal_tools import deposits, fill, open_journal, spoil

ACCEPT = "--accept-journal"


def mark_of(folder: Path) -> Mark:
    """Return what the witness of a folder remembers."""
    witness = Witness(folder / "witness")
    witness.close()
    return witness.mark


def refuse(folder: Path, match: str) -> None:
    """Check that the journal does not open, and that the way back is named."""
    with pytest.raises(JournalDamaged, match=match) as caught:
        open_journal(folder)
    assert "restore a backup" in str(caught.value)


def test_the_witness_names_the_last_batch_before_append_returns(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert mark_of(tmp_path) == (0, EMPTY_HASH)
    for number in range(3):
        journal.append(deposits(2, 10 * number + 1))
        assert mark_of(tmp_path) == (journal.last_sequence, journal.last_hash)
    journal.close()


def test_each_slot_is_written_in_turn_so_a_torn_one_leaves_the_other(tmp_path: Path) -> None:
    witness = Witness.create(tmp_path / "witness", Mark(1, b"1" * 32))
    for sequence in range(2, 6):
        witness.write(Mark(sequence, bytes([sequence]) * 32))
        whole = (tmp_path / "witness").read_bytes()
        torn = tmp_path / "torn"
        slot = (sequence - 1) % 2 * SLOT_BYTES
        torn.write_bytes(whole[: slot + 20] + b"?" + whole[slot + 21 :])
        left = Witness(torn)
        assert left.mark.sequence == sequence - 1
        left.close()
    witness.close()


def test_a_longer_journal_is_accepted_and_witnessed(tmp_path: Path) -> None:
    batches = fill(tmp_path, (3, 1, 4))
    Witness.create(tmp_path / "witness", Mark(3, batches[0].hash)).close()
    journal = open_journal(tmp_path)
    assert journal.last_sequence == 8
    assert mark_of(tmp_path) == (8, batches[-1].hash)
    journal.close()


def test_a_longer_journal_with_a_broken_chain_is_refused(tmp_path: Path) -> None:
    batches = fill(tmp_path, (3, 1, 4))
    Witness.create(tmp_path / "witness", Mark(3, batches[0].hash)).close()
    spoil(tmp_path, "UPDATE batches SET rules_version = 8 WHERE first_sequence = 5")
    refuse(tmp_path, "batch at sequence 5 is not what was written")


def test_a_shorter_journal_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    fill(tmp_path, (3, 1, 4))
    spoil(tmp_path, "DELETE FROM batches WHERE first_sequence = 5")
    refuse(tmp_path, f"ends at sequence 4, but 8 was acknowledged.*{ACCEPT}")
    journal = open_journal(tmp_path, accept_journal=True)
    assert journal.last_sequence == 4
    journal.append(deposits(1, 99))
    journal.close()
    open_journal(tmp_path).close()


def test_a_journal_that_is_gone_is_a_shorter_journal(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "journal.db").unlink()
    refuse(tmp_path, "ends at sequence 0, but 8 was acknowledged")


def test_another_batch_at_the_witnessed_sequence_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, (3, 1, 4))
    other = tmp_path / "other"
    fill(other, (3, 5, 2))
    (other / "journal.db").replace(tmp_path / "journal.db")
    refuse(tmp_path, f"another batch at sequence 8.*{ACCEPT}")
    journal = open_journal(tmp_path, accept_journal=True)
    assert journal.last_sequence == 10
    journal.close()


@pytest.mark.parametrize("spoiled", [None, b"", b"?" * 2 * SLOT_BYTES])
def test_a_missing_or_ruined_witness_needs_an_empty_journal_or_the_operators_word(
    tmp_path: Path, spoiled: bytes | None
) -> None:
    def spoil_witness() -> None:
        (tmp_path / "witness").unlink()
        if spoiled is not None:
            (tmp_path / "witness").write_bytes(spoiled)

    open_journal(tmp_path).close()
    spoil_witness()
    fill(tmp_path)
    spoil_witness()
    refuse(tmp_path, f"has no witness.*{ACCEPT}")
    open_journal(tmp_path, accept_journal=True).close()
    open_journal(tmp_path).close()


def test_what_is_accepted_must_still_be_a_whole_chain(tmp_path: Path) -> None:
    fill(tmp_path, (3, 1, 4))
    (tmp_path / "witness").unlink()
    spoil(tmp_path, "UPDATE batches SET commands = zeroblob(9) WHERE first_sequence = 1")
    with pytest.raises(JournalDamaged, match="batch at sequence 1 is not what was written"):
        open_journal(tmp_path, accept_journal=True)


@pytest.mark.parametrize("first", [1, 4, 5])
def test_one_flipped_bit_is_found(tmp_path: Path, first: int) -> None:
    batches = fill(tmp_path, (3, 1, 4))
    (blob,) = (bytes(row.commands) for row in _rows(tmp_path) if row.first_sequence == first)
    flipped = blob[:7] + bytes([blob[7] ^ 1]) + blob[8:]
    spoil(tmp_path, "UPDATE batches SET commands = ? WHERE first_sequence = ?", flipped, first)
    message = f"batch at sequence {first} is not what was written"
    if first == 5:  # the witnessed batch is verified at once
        refuse(tmp_path, message)
        return
    journal = open_journal(tmp_path)
    with pytest.raises(JournalDamaged, match=message):
        list(journal.replay(0))
    assert list(journal.replay(4)) == batches[2:]
    journal.close()


def _rows(folder: Path) -> list[Row]:
    reader = JournalReader.open(folder)
    rows = list(reader.rows(0))
    reader.close()
    return rows


def test_a_missing_batch_is_found(tmp_path: Path) -> None:
    fill(tmp_path, (3, 1, 4, 2))
    spoil(tmp_path, "DELETE FROM batches WHERE first_sequence = 4")
    journal = open_journal(tmp_path)
    with pytest.raises(JournalDamaged, match="sequence 4 is missing: the next one begins at 5"):
        list(journal.replay(0))
    journal.close()
    spoil(tmp_path, "DELETE FROM batches WHERE first_sequence = 5")
    refuse(tmp_path, "sequence 8 is missing")


def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "journal.db").write_bytes(b"not a database at all " * 500)
    refuse(tmp_path, "file is damaged")


def test_a_journal_of_a_newer_cryptex_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    spoil(tmp_path, "UPDATE schema_version SET version = 2")
    for opening in (open_journal, JournalReader.open):
        with pytest.raises(SchemaTooNew, match="the journal store has schema 2 and this cryptex knows 1"):
            opening(tmp_path)


def test_a_wal_that_lost_its_end_is_noticed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for number in range(4):
        journal.append(deposits(2, 10 * number + 1))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("journal.db", "journal.db-wal", "witness"):
        (crashed / name).write_bytes((tmp_path / name).read_bytes())
    journal.close()
    wal = bytearray((crashed / "journal.db-wal").read_bytes())
    wal[-100] ^= 1
    (crashed / "journal.db-wal").write_bytes(wal)
    refuse(crashed, "ends at sequence 6, but 8 was acknowledged")
