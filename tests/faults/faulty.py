"""cryptex with faults that a test switches on and off while it runs.

`python -m tests.faults.faulty FOLDER ...` takes cryptex's command line after the folder of switches. A switch is a
file; what is in it says how:

    commit     `lost`: COMMIT fails and nothing is on disk; `kept`: it fails, and all of it is; `hang`: it never returns
    void       COMMIT of a void fails before it is issued, so that it is refused
    poison     a deposit with the reference `poison` breaks an invariant of the engine
    clock      seconds that the wall clock is off by
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptex.cli.main import main
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.node import clock, core, serve
from cryptex.protocol.commands import Command, Deposit, Stamped, VoidCommand
from cryptex.store.journal import JournalUnavailable, SqliteJournal

COMMIT_TIMEOUT_S = 0.5
POISON = "poison"


class Switches:
    """The folder of switches, as tests set it and the faulty node reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def program(self) -> Sequence[str]:
        """What `NodeProcess` is to run."""
        return ("tests.faults.faulty", str(self._folder))

    def set(self, name: str, how: str = "on") -> None:
        """Switch a fault on; a reader sees the old or the new word, never half of one."""
        part = self._folder / f"{name}.part"
        part.write_text(how)
        part.replace(self._folder / name)

    def clear(self, name: str) -> None:
        """Switch it off."""
        (self._folder / name).unlink(missing_ok=True)

    def get(self, name: str) -> str:
        """Return how a fault is switched on; empty when it is off."""
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return ""


def break_commits(switches: Switches) -> None:
    """Make commits of the journal fail."""
    commit, append = SqliteJournal._commit, SqliteJournal.append

    def faulty_commit(journal: SqliteJournal) -> None:
        how = switches.get("commit")
        if how == "hang":
            threading.Event().wait()
        if how == "lost":
            journal._writer.execute("ROLLBACK")
        else:
            commit(journal)
        if how:
            error = sqlite3.OperationalError("injected: the disk did not take it")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

    def faulty_append(journal: SqliteJournal, commands: Sequence[Stamped]) -> None:
        if switches.get("void") and any(isinstance(each.command, VoidCommand) for each in commands):
            raise JournalUnavailable("injected: no room for a void")
        append(journal, commands)

    SqliteJournal._commit = faulty_commit  # type: ignore[method-assign]
    SqliteJournal.append = faulty_append  # type: ignore[method-assign]
    serve.Core = partial(core.Core, commit_timeout_s=COMMIT_TIMEOUT_S)  # type: ignore[misc,assignment]


def poison_engine(switches: Switches) -> None:
    """Make some deposits break the engine."""
    apply = Exchange.apply

    def faulty_apply(exchange: Exchange, time_ns: int, command: Command) -> list[Any]:
        if isinstance(command, Deposit) and command.reference == POISON and switches.get("poison"):
            raise InvariantBroken("injected: the books do not add up")
        return apply(exchange, time_ns, command)

    Exchange.apply = faulty_apply  # type: ignore[method-assign]


def bend_clock(switches: Switches) -> None:
    """Let the node's wall clock be wrong."""

    def time_ns() -> int:
        return time.time_ns() + int(switches.get("clock") or 0) * 10**9

    clock.time = SimpleNamespace(time_ns=time_ns)  # type: ignore[assignment]


if __name__ == "__main__":
    faults = Switches(Path(sys.argv.pop(1)))
    break_commits(faults)
    poison_engine(faults)
    bend_clock(faults)
    main()
