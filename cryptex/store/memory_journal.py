"""A journal that forgets with its process: for tests and simulations."""

from collections.abc import Iterator, Sequence

from cryptex.protocol.codec import encode_batch
from cryptex.protocol.commands import Stamped
from cryptex.store.batches import EMPTY_HASH, Batch, Journal, Row, seal, voided_by


class MemoryJournal(Journal):
    """Keeps rows as the real journal would, chain and encoding included."""

    def __init__(self, *, rules_version: int = 1) -> None:
        self._rules_version = rules_version
        self._rows: list[Row] = []
        self._index_of_end: dict[int, int] = {0: -1}
        self._voids: set[int] = set()
        self._last_time_ns = 0

    @property
    def last_sequence(self) -> int:
        """Sequence of the last command; 0 when there is none."""
        return self._rows[-1].last_sequence if self._rows else 0

    @property
    def last_time_ns(self) -> int:
        """Log time of the last command; 0 when there is none."""
        return self._last_time_ns

    @property
    def last_hash(self) -> bytes:
        """Hash of the last batch; EMPTY_HASH when there is none."""
        return self._rows[-1].hash if self._rows else EMPTY_HASH

    def append(self, commands: Sequence[Stamped]) -> None:
        """Keep a batch."""
        if not commands:
            raise ValueError("a batch holds at least one command")
        first = self.last_sequence + 1
        self._rows.append(seal(self.last_hash, first, len(commands), self._rules_version, encode_batch(commands)))
        self._index_of_end[self.last_sequence] = len(self._rows) - 1
        self._voids.update(voided for voided, _ in voided_by(first, commands))
        self._last_time_ns = commands[-1].time_ns

    def replay(self, after: int) -> Iterator[Batch]:
        """Yield the batches after the one that ends at `after` (0: all)."""
        if after not in self._index_of_end:
            raise ValueError(f"no batch of the journal ends at sequence {after}")
        for index in range(self._index_of_end[after] + 1, len(self._rows)):
            yield self._rows[index].decode()

    def hash_at(self, sequence: int) -> bytes | None:
        """Return the hash of the batch that ends at `sequence`, or None when none ends there."""
        index = self._index_of_end.get(sequence)
        if index is None:
            return None
        return EMPTY_HASH if index < 0 else self._rows[index].hash

    def voids(self) -> frozenset[int]:
        """Return every sequence that a VoidCommand names."""
        return frozenset(self._voids)

    def checkpoint(self) -> None:
        """There is nothing to fold."""

    def close(self) -> None:
        """There is nothing to settle."""
