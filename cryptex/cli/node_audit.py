"""`cryptex node audit`: what was done to accounts, keys and markets, and whether that log is whole."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from time import time_ns as now_ns
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from cryptex.cli.audit_tables import AUDIT_COLUMNS, AUDIT_SHEET, audit_row
from cryptex.cli.common import Run, command
from cryptex.cli.faults import Fault
from cryptex.cli.folders import DataDirOption, data_folder
from cryptex.cli.node_care import refused
from cryptex.cli.unlocking import KeyFileOption, PassphraseStdinOption, key_faults, unlock_folder
from cryptex.protocol.audit import AuditAct, AuditEntryView, AuditHead, AuditList
from cryptex.protocol.durations import duration_ns
from cryptex.protocol.problems import Code, ExitCode, Refusal
from cryptex.protocol.times import time_ns

if TYPE_CHECKING:
    from cryptex.store.audit import AuditEntry
    from cryptex.store.driver import Connection

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1_000_000
Filter = Callable[["AuditEntry"], bool]


_SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="From then on: 24h, or 2027-01-01T00:00:00Z.")
]
_UserOption = Annotated[str | None, typer.Option("--user", metavar="NAME", help="What this user did or had done.")]
_ActOption = Annotated[
    list[AuditAct] | None, typer.Option("--act", metavar="ACT", help="Such acts alone; may be given again.")
]
_LimitOption = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, max=LIMIT_MAX, help="At most so many, the newest.")
]
_HeadOption = Annotated[
    str | None, typer.Option("--head", metavar="HASH", help="A head that was noted earlier: it must be in it.")
]


def add_to(node_app: typer.Typer) -> None:
    """Add this command to the group `node`."""
    command(node_app, "audit", example="cryptex node audit --since 24h --act login_failed")(audit)


def audit(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
    since: _SinceOption = None,
    user: _UserOption = None,
    act: _ActOption = None,
    limit: _LimitOption = LIMIT_DEFAULT,
    head: _HeadOption = None,
) -> None:
    """List who did what, and check that the log is whole.

    What was done to accounts, keys and markets, and by admins.

    It only reads, so the node may run. Each entry's hash covers the one before it: exit code 1 where an entry was
    changed, removed or put in, with the first bad sequence. What was cut off at the end shows only against a head that
    you noted earlier, elsewhere: give it with --head.
    """
    from cryptex.store.audit import open_audit
    from cryptex.store.driver import ERRORS

    since_ns = _since_ns(since)
    folder = data_folder(run, data_dir)
    unlock_folder(folder, key_file, passphrase_stdin)
    try:
        with key_faults(), closing(open_audit(folder)) as connection:
            walk = _Walk(connection, head, _filter(connection, since_ns, user, act), limit)
            walk.run()
            listed = AuditList(walk.found(), walk.head)
    except FileNotFoundError:
        raise Fault(
            f"there is no audit log in {folder}",
            suggestion="Name the node's folder with --data-dir; a node begins the log when it starts.",
        ) from None
    except ERRORS as error:
        raise refused(f"users.db can not be read: {error}", "`cryptex node verify` says more.") from None
    run.out.listing(
        msgspec.json.encode(listed),
        AUDIT_SHEET,
        lambda: listed.entries,
        lambda entries: run.out.table(AUDIT_COLUMNS, [audit_row(each) for each in entries]),
        "No entries.",
    )
    if walk.fault is not None:
        raise walk.fault
    if not run.out.is_json:
        run.out.note(f"{walk.head.sequence} entries, whole. Head: {walk.head.hash}")


class _Walk:
    """One way through the whole log, oldest first."""

    def __init__(self, connection: "Connection", noted: str | None, wanted: Filter, limit: int) -> None:
        self.head = AuditHead(0, "")
        self.fault: Fault | None = None
        self._connection = connection
        self._noted = None if noted is None else noted.strip().lower()
        self._wanted = wanted
        self._kept: deque[AuditEntry] = deque(maxlen=limit)

    def run(self) -> None:
        """Check everything, and keep what is wanted."""
        from cryptex.store.audit import AuditBroken

        seen = self._noted is None
        try:
            for entry in self._entries():
                seen = seen or entry.hash.hex() == self._noted
                if self._wanted(entry):
                    self._kept.append(entry)
        except AuditBroken as broken:
            self.fault = refused(
                f"the audit log is not what was written: {broken}; the first bad sequence is {broken.sequence}",
                "Keep a copy of the folder as it is, and look at a backup from before.",
            )
            return
        if not seen:
            self.fault = refused(
                f"the head {self._noted} is not in the audit log: entries were cut off, or it is another node's",
                "Keep a copy of the folder as it is, and look at a backup from before.",
            )

    def found(self) -> list[AuditEntryView]:
        """Return what was kept, newest first."""
        from cryptex.store.audit import entry_view

        names: dict[int, str] = dict(self._connection.execute("SELECT id, username FROM users").fetchall())
        return [entry_view(entry, names) for entry in reversed(self._kept)]

    def _entries(self) -> "Iterator[AuditEntry]":
        from cryptex.store.audit import entries

        for entry in entries(self._connection):
            self.head = AuditHead(entry.sequence, entry.hash.hex())
            yield entry


def _since_ns(text: str | None) -> int:
    """Return when entries begin to count. Raises Fault."""
    if text is None:
        return 0
    try:
        return time_ns(text)
    except (ValueError, OverflowError):
        pass
    try:
        return now_ns() - duration_ns(text, "since")
    except Refusal:
        raise Fault(f"--since is a time or how long ago, such as 24h, not {text[:40]!r}") from None


def _filter(connection: "Connection", since_ns: int, user: str | None, acts: list[AuditAct] | None) -> Filter:
    """Return what tells whether an entry is wanted. Raises Fault for a user that there is not."""
    name = None if user is None else user.lower()
    row = connection.execute("SELECT id FROM users WHERE username = ?", (name,)).fetchone()
    if name is not None and row is None:
        raise Fault(
            f"there is no user {name[:40]!r}",
            code=Code.INVALID_REQUEST.value,
            suggestion="Names that failed to log in and are no users stand under '(unknown name)'.",
            exit_code=ExitCode.REFUSED,
        )
    words = None if acts is None else {act.value for act in acts}

    def wanted(entry: "AuditEntry") -> bool:
        if entry.time_ns < since_ns or (words is not None and entry.act not in words):
            return False
        return name is None or entry.actor == row[0] or entry.subject == name

    return wanted
