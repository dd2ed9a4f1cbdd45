"""What the journal is made of: batches of stamped commands, each chained to the one before it by a hash."""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from cryptex.protocol.codec import decode_batch
from cryptex.protocol.commands import Stamped, VoidCommand

HASH_BYTES: Final = 32
EMPTY_HASH: Final = bytes(HASH_BYTES)
"""What the first batch is chained to."""

RESTORE_HINT: Final = "restore a backup (`cryptex node restore FILE` into a new folder)"
ACCEPT_HINT: Final = f"{RESTORE_HINT}, or start with --accept-journal to go on from what is there"

_HEAD: Final = struct.Struct(">QQQ")


class JournalUnavailable(Exception):
    """Nothing was written, and that is proven: the same append may be tried again later."""


class CommitUnknown(Exception):
    """COMMIT itself failed, so it is not known what is on disk: the process must exit, and the next open recovers."""


class JournalDamaged(Exception):
    """The journal is not what was acknowledged. The message says where, and the way back."""


class Batch(msgspec.Struct, frozen=True):
    """Commands that were committed together. `hash` covers them and everything before them."""

    first_sequence: int
    commands: list[Stamped]
    hash: bytes
    rules_version: int

    @property
    def last_sequence(self) -> int:
        """Sequence of the last command."""
        return self.first_sequence + len(self.commands) - 1


class Journal(Protocol):
    """The ordered commands that everything else follows from."""

    @property
    def last_sequence(self) -> int:
        """Sequence of the last durable command; 0 when there is none."""

    @property
    def last_time_ns(self) -> int:
        """Log time of the last durable command; 0 when there is none."""

    @property
    def last_hash(self) -> bytes:
        """Hash of the last durable batch; EMPTY_HASH when there is none."""

    def append(self, commands: Sequence[Stamped]) -> None:
        """Make a batch durable, in the sequences after `last_sequence`. Raises JournalUnavailable or CommitUnknown."""

    def replay(self, after: int) -> Iterator[Batch]:
        """Yield the batches after the one that ends at `after` (0: all). Raises JournalDamaged or ValueError."""

    def hash_at(self, sequence: int) -> bytes | None:
        """Return the hash of the batch that ends at `sequence` (0: EMPTY_HASH), or None when none ends there."""

    def voids(self) -> frozenset[int]:
        """Return every sequence that a VoidCommand names."""

    def checkpoint(self) -> None:
        """Fold what was appended into the main file. For a side thread; raises JournalUnavailable, nothing is lost."""

    def close(self) -> None:
        """Settle everything on disk and close."""


class Row(NamedTuple):
    """A batch as it lies in the journal."""

    first_sequence: int
    command_count: int
    rules_version: int
    commands: bytes
    hash: bytes

    @property
    def last_sequence(self) -> int:
        """Sequence of the last command."""
        return self.first_sequence + self.command_count - 1

    def decode(self) -> Batch:
        """Return the batch in this row. Raises JournalDamaged."""
        try:
            commands = decode_batch(self.commands)
        except msgspec.DecodeError as error:  # the hash is right, so it was written like this
            raise damaged(self.first_sequence, f"holds commands that this build can not read ({error})") from error
        if len(commands) != self.command_count:
            raise damaged(self.first_sequence, "holds another number of commands than it says")
        return Batch(self.first_sequence, commands, self.hash, self.rules_version)


def seal(previous_hash: bytes, first_sequence: int, command_count: int, rules_version: int, commands: bytes) -> Row:
    """Return the row for a batch, chained to the hash before it."""
    sealed = chain_hash(previous_hash, first_sequence, command_count, rules_version, commands)
    return Row(first_sequence, command_count, rules_version, commands, sealed)


def chain_hash(
    previous_hash: bytes, first_sequence: int, command_count: int, rules_version: int, commands: bytes
) -> bytes:
    """Return SHA-256 over the hash before and all columns of a row."""
    digest = hashlib.sha256(previous_hash)
    digest.update(_HEAD.pack(first_sequence, command_count, rules_version))
    digest.update(commands)
    return digest.digest()


def check_link(row: Row, previous_hash: bytes, expected_sequence: int) -> None:
    """Raise JournalDamaged unless the row follows on what came before it and is whole."""
    if row.first_sequence != expected_sequence:
        raise damaged(expected_sequence, f"is missing: the next one begins at {row.first_sequence}")
    if row.command_count < 1:
        raise damaged(expected_sequence, "holds no commands")
    if row.hash != chain_hash(previous_hash, *row[:4]):
        raise damaged(expected_sequence, "is not what was written (its hash does not match)")


def damaged(sequence: int, what: str, hint: str = RESTORE_HINT) -> JournalDamaged:
    """Return the exception that names the batch at `sequence`, what is wrong with it and the way back."""
    return JournalDamaged(f"the journal's batch at sequence {sequence} {what}: {hint}")


def voided_by(first_sequence: int, commands: Sequence[Stamped]) -> list[tuple[int, int]]:
    """Return (voided sequence, sequence of the VoidCommand) for each VoidCommand of a batch."""
    return [
        (stamped.command.sequence, first_sequence + offset)
        for offset, stamped in enumerate(commands)
        if type(stamped.command) is VoidCommand
    ]
