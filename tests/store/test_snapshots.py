"""Snapshots on disk: whole or passed over, and not more of them than needed."""

from pathlib import Path

import pytest

from cryptex.store.snapshots import Snapshot, SnapshotStore

pytestmark = pytest.mark.usefixtures("form")


def snapshot(sequence: int) -> Snapshot:
    """Return a snapshot at a sequence."""
    return Snapshot(sequence, sequence * 10, 1, b"h" * 32, "ab", b"engine" * 100, b"market data")


def sequences(store: SnapshotStore) -> list[int]:
    """Return the sequences of all stored snapshots, newest first."""
    return [sequence for sequence, _ in store._newest_first()]


def test_what_is_saved_is_found_newest_first_up_to_a_bound(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    assert store.latest() is None
    for sequence in (9, 100, 50):
        store.save(snapshot(sequence))
    assert store.latest() == snapshot(100)
    assert store.latest(at_most=99) == snapshot(50)
    assert store.latest(at_most=50) == snapshot(50)
    assert store.latest(at_most=8) is None
    assert SnapshotStore(tmp_path).latest() == snapshot(100)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "snapshots").iterdir()} == {0o600}


@pytest.mark.parametrize("cut", [0, 10, 60, -1])
def test_damaged_snapshots_are_passed_over(tmp_path: Path, cut: int) -> None:
    store = SnapshotStore(tmp_path)
    for sequence in (1, 2):
        store.save(snapshot(sequence))
    newest = next(store._newest_first())[1]
    whole = newest.read_bytes()
    newest.write_bytes(whole[:cut])
    assert store.latest() == snapshot(1)
    newest.write_bytes(whole[:cut] + bytes([whole[cut] ^ 1]) + (whole[cut + 1 :] if cut >= 0 else b""))
    assert store.latest() == snapshot(1)
    newest.write_bytes(whole)
    assert store.latest() == snapshot(2)


def test_a_failed_save_leaves_the_old_one_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError("disk full")

    store = SnapshotStore(tmp_path)
    store.save(snapshot(1))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fsync)
        with pytest.raises(OSError, match="disk full"):
            store.save(snapshot(2))
    assert store.latest() == snapshot(1)
    assert [path.suffix for path in (tmp_path / "snapshots").iterdir()] == [".snapshot"]


def test_pruning_keeps_the_newest_and_the_one_a_slow_reader_begins_from(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for sequence in range(10, 80, 10):
        store.save(snapshot(sequence))
    (tmp_path / "snapshots" / "left.tmp").touch()
    store.prune(keep_from=25, keep=2)
    assert sequences(store) == [70, 60, 20]
    store.prune(keep_from=70)
    assert sequences(store) == [70, 60, 20]
    store.prune(keep_from=70, keep=1)
    assert sequences(store) == [70]
    assert not (tmp_path / "snapshots" / "left.tmp").exists()
