"""Snapshots of the engine: what lets start-up replay the end of the journal instead of all of it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from cryptex.store.database import DataFolder
from cryptex.store.files import write_durably

SNAPSHOTS_KEPT: Final = 3
SEQUENCE_DIGITS: Final = 20

_MAGIC: Final = b"CRYPTEXSNAPSHOT1"
_CHECKSUM_BYTES: Final = 32


class Snapshot(msgspec.Struct, frozen=True):
    """The state after the batch that ends at `sequence`. `chain_hash` is that batch's hash in the journal."""

    sequence: int
    time_ns: int
    rules_version: int
    chain_hash: bytes
    state_hash: str
    engine: bytes
    market_data: bytes


class SnapshotStore:
    """The snapshots in a data folder, one checksummed file each. Any process may read; one at a time may write."""

    def __init__(self, data_dir: Path | str) -> None:
        self._folder = DataFolder(data_dir).prepare().snapshots

    def save(self, snapshot: Snapshot) -> int:
        """Write a snapshot, durable on return; one of the same sequence is replaced. Return its size in bytes.

        Raises OSError.
        """
        body = msgspec.msgpack.encode(snapshot)
        name = f"{snapshot.sequence:0{SEQUENCE_DIGITS}d}.snapshot"
        data = _MAGIC + hashlib.sha256(body).digest() + body
        write_durably(self._folder / name, data)
        return len(data)

    def latest(self, at_most: int | None = None) -> Snapshot | None:
        """Return the newest whole snapshot, of a sequence of `at_most` if given; damaged ones are passed over."""
        for sequence, path in self._newest_first():
            if at_most is None or sequence <= at_most:
                snapshot = _read(path)
                if snapshot is not None and snapshot.sequence == sequence:
                    return snapshot
        return None

    def sequences(self) -> list[int]:
        """Return the sequences that there are snapshots of, newest first; whole or not."""
        return [sequence for sequence, _ in self._newest_first()]

    def at(self, sequence: int) -> Snapshot | None:
        """Return the snapshot of exactly this sequence, or None where there is no whole one."""
        snapshot = self.latest(sequence)
        return snapshot if snapshot is not None and snapshot.sequence == sequence else None

    def prune(self, keep_from: int, keep: int = SNAPSHOTS_KEPT) -> None:
        """Delete all but the newest `keep`, and the newest at or below `keep_from` (a reader that is so far)."""
        files = list(self._newest_first())
        base = next((path for sequence, path in files if sequence <= keep_from), None)
        for _, path in files[keep:]:
            if path != base:
                path.unlink(missing_ok=True)
        for leftover in self._folder.glob("*.tmp"):
            leftover.unlink(missing_ok=True)

    def _newest_first(self) -> Iterator[tuple[int, Path]]:
        for path in sorted(self._folder.glob("*.snapshot"), reverse=True):
            if path.stem.isdecimal() and len(path.stem) == SEQUENCE_DIGITS:
                yield int(path.stem), path


def _read(path: Path) -> Snapshot | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + _CHECKSUM_BYTES
    body = data[start:]
    if data[:start] != _MAGIC + hashlib.sha256(body).digest():
        return None
    try:
        return msgspec.msgpack.decode(body, type=Snapshot)
    except msgspec.DecodeError:  # whole, but of a form that this build does not know
        return None
