"""The journal on a simulated disk: what is staged may be lost with a crash, what is committed never is.

An append goes through what a commit goes through: it is staged (BEGIN, INSERT, COMMIT issued), durable a drawn moment
later, and heard of at a moment after that. Each step may fail, as the seed wills.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import msgspec

from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.codec import encode_batch
from cryptex.protocol.commands import Stamped
from cryptex.store.batches import (
    EMPTY_HASH,
    Batch,
    CommitUnknown,
    Journal,
    JournalUnavailable,
    Row,
    check_link,
    seal,
    voided_by,
)
from tests.simulation.loop import Hang, InlineExecutor, Process, VirtualLoop, outcome_of


class DiskFaults(msgspec.Struct, frozen=True):
    """How likely each step of an append, or another write, is to fail."""

    error_before_commit: float = 0.0
    commit_error: float = 0.0
    commit_hang: float = 0.0
    checkpoint_error: float = 0.0


class JournalDisk:
    """What a machine's disk holds of the journal, whatever processes come and go."""

    def __init__(self, rng: Random, faults: DiskFaults) -> None:
        self.rng = rng
        self.faults = faults
        self.rows: list[Row] = []
        """Durable batches."""
        self.full = False
        """Whether there is no room left."""
        self.calm = False
        """Whether nothing fails any more."""
        self._staged: Row | None = None

    def chance(self, share: float) -> bool:
        """Draw whether something goes wrong."""
        return not self.calm and self.rng.random() < share

    def stage(self, row: Row) -> None:
        """Take a batch that is being committed."""
        self._staged = row

    def settle(self) -> None:
        """What is staged is durable now."""
        if self._staged is not None:
            self.rows.append(self._staged)
            self._staged = None

    def crash(self) -> None:
        """The process is gone: a batch that was being committed is there wholly, or not at all."""
        if self.rng.random() < 0.5:
            self.settle()
        self._staged = None

    def batches(self) -> list[Batch]:
        """Return all durable batches, their chain checked."""
        before, sequence = EMPTY_HASH, 1
        for row in self.rows:
            check_link(row, before, sequence)
            before, sequence = row.hash, row.last_sequence + 1
        return [row.decode() for row in self.rows]


class DiskJournal(Journal):
    """The journal as one process has it open."""

    def __init__(self, disk: JournalDisk, process: Process) -> None:
        self._disk = disk
        self._process = process
        self._rows = list(disk.rows)
        self._distrusted = False
        self.waits = False
        """Whether an executor takes care of when the staged batch is durable."""

    @property
    def last_sequence(self) -> int:
        return self._rows[-1].last_sequence if self._rows else 0

    @property
    def last_time_ns(self) -> int:
        return self._rows[-1].decode().commands[-1].time_ns if self._rows else 0

    @property
    def last_hash(self) -> bytes:
        return self._rows[-1].hash if self._rows else EMPTY_HASH

    def append(self, commands: Sequence[Stamped]) -> None:
        """Commit a batch, or fail as the seed wills."""
        disk = self._disk
        if not self._process.alive:
            raise JournalUnavailable("this process is dead")
        if self._distrusted:
            raise CommitUnknown("an earlier commit failed")
        if disk.full or disk.chance(disk.faults.error_before_commit):
            raise JournalUnavailable("the disk is full" if disk.full else "the batch was not written")
        row = seal(self.last_hash, self.last_sequence + 1, len(commands), self.rules_version(), encode_batch(commands))
        if disk.chance(disk.faults.commit_error):
            self._distrusted = True
            if disk.rng.random() < 0.5:
                disk.rows.append(row)
            raise CommitUnknown("the outcome of a commit is not known")
        self._rows.append(row)
        self.keep(row)
        if disk.chance(disk.faults.commit_hang):
            self._distrusted = True
            raise Hang
        if not self.waits:
            disk.settle()

    def rules_version(self) -> int:
        """Return what a batch is written under."""
        return RULES_VERSION

    def keep(self, row: Row) -> None:
        """Hand a batch to the disk."""
        self._disk.stage(row)

    def settle(self) -> None:
        """What was staged is durable now, unless the process died before."""
        if self._process.alive:
            self._disk.settle()

    def replay(self, after: int) -> Iterator[Batch]:
        """Yield the batches after `after`."""
        if self.hash_at(after) is None:
            raise ValueError(f"no batch of the journal ends at sequence {after}")
        for row in list(self._rows):
            if row.first_sequence > after:
                yield row.decode()

    def hash_at(self, sequence: int) -> bytes | None:
        """Return the hash of the batch that ends there."""
        if sequence == 0:
            return EMPTY_HASH
        return next((row.hash for row in reversed(self._rows) if row.last_sequence == sequence), None)

    def last_row(self) -> Row | None:
        """Return the last batch, as a JournalReader does."""
        return self._rows[-1] if self._rows else None

    def voids(self) -> frozenset[int]:
        """Return every sequence that a VoidCommand names."""
        return frozenset(
            voided for row in self._rows for voided, _ in voided_by(row.first_sequence, row.decode().commands)
        )

    def checkpoint(self) -> None:
        """Fail now and then: nothing is lost by that."""
        if self._disk.chance(self._disk.faults.checkpoint_error):
            raise JournalUnavailable("the checkpoint failed")

    def close(self) -> None:
        """There is nothing to close."""


class DiskExecutor(InlineExecutor):
    """The thread that appends: it stages, makes durable and tells, each at its moment, one append after the other."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._free_at_s = 0.0

    def run(self, loop: VirtualLoop, func: Callable[..., Any], args: tuple[Any, ...]) -> asyncio.Future[Any]:
        """Return the future of an append."""
        future = loop.create_future()
        begin_s = max(loop.time(), self._free_at_s) + loop.delay_s()
        durable_s = begin_s + loop.delay_s()
        self._free_at_s = durable_s
        journal: DiskJournal = func.__self__  # type: ignore[attr-defined]  # `append` of a journal is all it is given

        def begin() -> None:
            if not self._process.alive:
                return
            journal.waits = True
            try:
                tell = outcome_of(future, func, args)
            finally:
                journal.waits = False
            loop.call_at(durable_s, finish, tell)

        def finish(tell: Callable[[], None] | None) -> None:
            if tell is not None:  # else the commit hangs, and what is staged stays so until the process ends
                journal.settle()
                loop.call_later(loop.delay_s(), tell)

        loop.call_at(begin_s, begin)
        return future
