"""Data folders with long journals, made without a node: the engine benchmark's stream in a busy node's batches."""

from itertools import islice
from pathlib import Path
from time import time_ns
from typing import Final

from benchmarks.engine import ACCOUNTS, setup, stream
from cryptex.engine.snapshot import RULES_VERSION
from cryptex.protocol.commands import Stamped
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.journal import SqliteJournal
from cryptex.store.users import Users

BATCH_COMMANDS: Final = 128
STEP_NS: Final = 1000
SEED: Final = 7


def write_journal(data_dir: Path, commands: int) -> None:
    """Begin a data folder whose journal holds so many commands of accounts that nobody can log in to."""
    begin_ns = time_ns() - commands * STEP_NS - NANOSECONDS_PER_SECOND
    listed = [*setup(), *stream(SEED, commands)[0]]
    stamped = iter([Stamped(begin_ns + number * STEP_NS, command) for number, command in enumerate(listed)])
    journal = SqliteJournal.open(data_dir, rules_version=RULES_VERSION)
    while batch := list(islice(stamped, BATCH_COMMANDS)):
        journal.append(batch)
    journal.close()
    users = Users.open(data_dir, time_ns)
    users.reserve_ids(range(1, ACCOUNTS + 1))
    users.close()
