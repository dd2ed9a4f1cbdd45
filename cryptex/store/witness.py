"""The witness: a small file beside the journal that remembers its last acknowledged batch.

SQLite drops a damaged end of its WAL without a word. The witness is what notices: the journal must reach at least as
far, with the same hash. Two checksummed slots are written in turn, so a torn write leaves the one before it.
"""

import hashlib
import os
import struct
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

from cryptex.store.batches import HASH_BYTES
from cryptex.store.files import write_durably

SLOT_BYTES: Final = 4096
"""Each slot has a disk page of its own, so that one write can not tear both."""

_MAGIC: Final = b"CRYPTEX1"
_BODY: Final = struct.Struct(f">8sQ{HASH_BYTES}s")
_CHECKSUM_BYTES: Final = 32


class Mark(NamedTuple):
    """The end of a batch: its last sequence, and its hash."""

    sequence: int
    hash: bytes


class Witness:
    """An open witness file. `write` belongs to one thread; `sync` may be called from another."""

    def __init__(self, path: Path) -> None:
        """Open an existing witness. Raises FileNotFoundError, and ValueError when neither slot is whole."""
        self._file = path.open("r+b", buffering=0)
        try:
            slot, self.mark = _newest(self._file, path)
        except BaseException:
            self._file.close()
            raise
        self._next_slot = 1 - slot

    @classmethod
    def create(cls, path: Path, mark: Mark) -> "Witness":
        """Put a fresh witness in place, durably, and open it."""
        write_durably(path, _pack(mark).ljust(2 * SLOT_BYTES, b"\0"))
        return cls(path)

    def write(self, mark: Mark) -> None:
        """Write the slot that does not hold the newest mark. Raises OSError."""
        data = _pack(mark)
        self._file.seek(self._next_slot * SLOT_BYTES)
        if self._file.write(data) != len(data):
            raise OSError("short write to the witness")
        self.mark = mark
        self._next_slot = 1 - self._next_slot

    def sync(self) -> None:
        """Fsync what was written."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_mark(path: Path) -> Mark:
    """Return what a witness remembers, also while its node writes it. Raises FileNotFoundError and ValueError."""
    with path.open("rb", buffering=0) as file:
        return _newest(file, path)[1]


def _newest(file: FileIO, path: Path) -> tuple[int, Mark]:
    """Return the slot with the newest mark, and the mark. Raises ValueError when neither slot is whole."""
    marks = [_unpack(file.read(SLOT_BYTES)) for _ in range(2)]
    whole = [(mark.sequence, slot, mark) for slot, mark in enumerate(marks) if mark is not None]
    if not whole:
        raise ValueError(f"{path} is damaged in both slots")
    _, slot, mark = max(whole)
    return slot, mark


def _pack(mark: Mark) -> bytes:
    body = _BODY.pack(_MAGIC, mark.sequence, mark.hash)
    return body + hashlib.sha256(body).digest()


def _unpack(slot: bytes) -> Mark | None:
    body = slot[: _BODY.size]
    checksum = slot[_BODY.size : _BODY.size + _CHECKSUM_BYTES]
    if len(body) < _BODY.size or hashlib.sha256(body).digest() != checksum:
        return None
    magic, sequence, sealed = _BODY.unpack(body)
    return Mark(sequence, sealed) if magic == _MAGIC else None
