"""Snapshots of the engine: what lets start-up replay the end of the journal instead of all of it.

In an encrypted folder they are sealed, and only sealed ones count; in a plain one they carry a checksum.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from cryptex.store.data_key import DataKey
from cryptex.store.database import DataFolder
from cryptex.store.files import write_durably
from cryptex.store.vault import key_of

SNAPSHOTS_KEPT: Final = 3
SEQUENCE_DIGITS: Final = 20

_MAGIC: Final = b"CRYPTEXSNAPSHOT1"
_SEALED_MAGIC: Final = b"CRYPTEXSEALSNAP1"
_PURPOSE: Final = "snapshot"
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
    """The snapshots in a data folder, one file each. Any process may read; one at a time may write."""

    def __init__(self, data_dir: Path | str) -> None:
        """Look at a folder's. Raises KeyRefused."""
        folder = DataFolder(data_dir).prepare()
        self._folder = folder.snapshots
        self._key = key_of(folder.root)

    def save(self, snapshot: Snapshot) -> int:
        """Write a snapshot, durable on return; one of the same sequence is replaced. Return its size in bytes.

        Raises OSError.
        """
        body = msgspec.msgpack.encode(snapshot)
        name = f"{snapshot.sequence:0{SEQUENCE_DIGITS}d}.snapshot"
        data = pack(body, snapshot.sequence, self._key)
        write_durably(self._folder / name, data)
        return len(data)

    def latest(self, at_most: int | None = None) -> Snapshot | None:
        """Return the newest whole snapshot, of a sequence of `at_most` if given; damaged ones are passed over."""
        for sequence, path in self._newest_first():
            if at_most is None or sequence <= at_most:
                snapshot = _read(path, sequence, self._key)
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


def pack(body: bytes, sequence: int, key: DataKey | None) -> bytes:
    """Return a snapshot's file: sealed with the folder's key, where it has one."""
    if key is None:
        return _MAGIC + hashlib.sha256(body).digest() + body
    from cryptex.store.sealed import seal  # plain folders need no cryptography

    return _SEALED_MAGIC + seal(key, _PURPOSE, body, _about(sequence))


def unpack(data: bytes, sequence: int, key: DataKey | None) -> bytes | None:
    """Return what was packed, None where the file is damaged, or not of this sequence or key."""
    if key is None:
        start = len(_MAGIC) + _CHECKSUM_BYTES
        body = data[start:]
        return body if data[:start] == _MAGIC + hashlib.sha256(body).digest() else None
    from cryptex.store.sealed import SealBroken, unseal

    if not data.startswith(_SEALED_MAGIC):
        return None
    try:
        return unseal(key, _PURPOSE, data[len(_SEALED_MAGIC) :], _about(sequence))
    except SealBroken:
        return None


def _about(sequence: int) -> bytes:
    return _SEALED_MAGIC + str(sequence).encode()


def _read(path: Path, sequence: int, key: DataKey | None) -> Snapshot | None:
    try:
        body = unpack(path.read_bytes(), sequence, key)
    except OSError:
        return None
    if body is None:
        return None
    try:
        return msgspec.msgpack.decode(body, type=Snapshot)
    except msgspec.DecodeError:  # whole, but of a form that this build does not know
        return None
