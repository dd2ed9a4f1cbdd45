"""Verification of a data folder: everything is computed again from the journal and held against what is stored.

No store is written to, so it may run beside the folder's node: it looks at what there is when it begins, and asks the
node for the hash of its state.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from cryptex.engine import snapshot as engine_snapshot
from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.node.findings import Finding, Findings
from cryptex.node.live_state import ANSWER_WAIT_S, LiveState, ask
from cryptex.node.replay import OtherRules, Poisoned, replay_batch
from cryptex.node.startup import strays_of
from cryptex.node.verify_history import HISTORY, HistoryCheck, open_history
from cryptex.node.verify_ledger import SecondLedger
from cryptex.store.audit import AuditBroken, entries, open_audit
from cryptex.store.batches import EMPTY_HASH, Batch
from cryptex.store.database import DataFolder, SchemaTooNew, folder_in_use, open_sqlite
from cryptex.store.journal import JournalDamaged, JournalReader
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.witness import Mark, read_mark

CHAIN: Final = "chain"
WITNESS: Final = "witness"
REPLAY: Final = "replay"
RULES: Final = "rules"
SNAPSHOTS: Final = "snapshots"
USERS: Final = "users"
AUDIT: Final = "audit"
LIVE: Final = "live"

_USER_IDS: Final = "SELECT id FROM users WHERE id > 0"
_REGISTRATIONS: Final = "SELECT id, registration_key FROM users WHERE id > 0"
_PENDING: Final = "SELECT registration_key FROM registrations"

Progress = Callable[[int, int], None]
"""Hears of the sequence that was reached, and the last there is."""


def verify(
    data_dir: Path, progress: Progress = lambda _at, _end: None, *, live_wait_s: float = ANSWER_WAIT_S
) -> list[Finding]:
    """Return what was found in a data folder. Raises FileNotFoundError where there is no journal in it.

    A node that runs there is given `live_wait_s` to say its state.
    """
    folder, findings = DataFolder(data_dir), Findings()
    with ExitStack() as closing:
        history = open_history(folder.history, findings)  # what is behind is opened first, and so stays behind
        if history is not None:
            closing.callback(history.close)
        mark = _witness(folder, findings)
        try:
            reader = JournalReader.open(data_dir)
        except (JournalDamaged, SchemaTooNew) as error:
            findings.broken(CHAIN, str(error))
            return findings.all()
        closing.callback(reader.close)
        live = _live_state(folder, findings, live_wait_s)
        _Verification(folder, findings, reader, history, mark, live).run(progress)
    return findings.all()


class _Verification:
    """One walk through the journal."""

    def __init__(
        self,
        folder: DataFolder,
        findings: Findings,
        reader: JournalReader,
        history: HistoryCheck | None,
        mark: Mark | None,
        live: LiveState | None,
    ) -> None:
        self._folder = folder
        self._findings = findings
        self._reader = reader
        self._history = history
        self._mark = mark
        self._live = live
        self._exchange = Exchange()
        self._ledger = SecondLedger(findings)
        self._snapshots = SnapshotStore(folder.root)
        self._unseen = set(self._snapshots.sequences())
        self._seen = 0
        self._hash = EMPTY_HASH
        self._early_users: list[tuple[int, str | None]] = []

    def run(self, progress: Progress) -> None:
        """Replay everything and compare on the way."""
        self._early_users = _users(self._folder)  # before the journal's end is looked for: each has its account there
        try:
            last = self._reader.last_row()
            end = last.last_sequence if last is not None else 0
            self._replay(end, progress)
        except JournalDamaged as error:
            self._findings.broken(CHAIN, str(error), self._exchange.sequence + 1)
            return
        except Poisoned as poison:
            self._findings.broken(REPLAY, f"{poison} ({poison.__cause__})", poison.sequence)
            return
        except OtherRules as error:
            self._findings.broken(REPLAY, str(error), self._exchange.sequence + 1)
            return
        self._findings.held(CHAIN, f"{end} commands, whole; its hash is {self._hash.hex()[:16]}...")
        self._finish(end)

    def _replay(self, end: int, progress: Progress) -> None:
        voids = self._reader.voids()
        self._at_batch_end(EMPTY_HASH)
        while self._exchange.sequence < end:
            for batch in self._reader.replay(self._exchange.sequence):
                self._take(batch, voids)
                progress(self._exchange.sequence, end)
                if self._exchange.sequence >= end:
                    return

    def _take(self, batch: Batch, voids: frozenset[int]) -> None:
        for sequence, time_ns, events in replay_batch(self._exchange, batch, voids):
            self._ledger.fold(sequence, events, self._exchange)
            if self._history is not None:
                self._history.fold(sequence, time_ns, events, self._exchange)
        closed = self._exchange.take_closed()
        if self._history is not None:
            self._history.batch_ended(closed)
        self._at_batch_end(batch.hash)

    def _at_batch_end(self, chain_hash: bytes) -> None:
        at, self._hash = self._exchange.sequence, chain_hash
        if at in self._unseen:
            self._compare_snapshot(at, chain_hash)
        if self._mark is not None and self._mark.sequence == at and self._mark.hash != chain_hash:
            self._findings.broken(WITNESS, "the journal has another batch than the one that was acknowledged", at)
        if self._live is not None and self._live.sequence == at:
            self._compare_live(self._live)
        if self._history is not None and self._history.cursor == at:
            self._history.compare(self._exchange, chain_hash)

    def _compare_live(self, live: LiveState) -> None:
        replayed = engine_snapshot.state_hash(self._exchange)
        if replayed == live.state_hash:
            self._findings.held(LIVE, f"the running node had the state that replay gives, at sequence {live.sequence}")
        else:
            detail = f"the running node has the state {live.state_hash[:16]}..., replay gives {replayed[:16]}..."
            self._findings.broken(LIVE, detail, live.sequence)
        self._live = None

    def _compare_snapshot(self, at: int, chain_hash: bytes) -> None:
        self._unseen.discard(at)
        snapshot = self._snapshots.at(at)
        if snapshot is None:
            if at in self._snapshots.sequences():  # else a running node has removed it meanwhile
                self._findings.broken(SNAPSHOTS, f"the snapshot of sequence {at} is damaged", at)
            return
        self._seen += 1
        replayed = engine_snapshot.state_hash(self._exchange)
        if snapshot.chain_hash != chain_hash:
            self._findings.broken(SNAPSHOTS, f"the snapshot of sequence {at} is of another journal", at)
        elif snapshot.rules_version == engine_snapshot.RULES_VERSION and snapshot.state_hash != replayed:
            self._findings.broken(SNAPSHOTS, f"replay gives another state than the snapshot of sequence {at}", at)

    def _finish(self, end: int) -> None:
        self._findings.held(REPLAY, f"state hash {engine_snapshot.state_hash(self._exchange)} at sequence {end}")
        self._ledger.compare(self._exchange, lambda is_bad: self._first_bad(end, is_bad))
        complaint = _broken_rule(self._exchange)
        if complaint is not None:
            self._findings.broken(RULES, complaint, self._first_bad(end, lambda exchange: bool(_broken_rule(exchange))))
        self._findings.held(RULES, "books, stops, orders and accounts agree")
        for at in sorted(sequence for sequence in self._unseen if sequence <= end):
            self._findings.broken(SNAPSHOTS, f"no batch ends at sequence {at}, of which there is a snapshot", at)
        self._findings.held(SNAPSHOTS, f"{self._seen} snapshots are the state that replay gives")
        if self._mark is not None:
            if self._mark.sequence > end:
                detail = f"the journal ends at {end}, but {self._mark.sequence} was acknowledged"
                self._findings.broken(WITNESS, detail, end + 1)
            self._findings.held(WITNESS, f"the journal has what was acknowledged, up to {self._mark.sequence}")
        if self._history is not None and not self._history.compared:
            at = min(self._history.cursor, end + 1)
            self._findings.broken(HISTORY, f"no batch of the journal ends at its cursor {self._history.cursor}", at)
        if self._live is not None:
            at = min(self._live.sequence, end + 1)
            self._findings.broken(LIVE, f"no batch ends at sequence {self._live.sequence}, where the node is", at)
        self._check_users()
        self._check_audit()

    def _first_bad(self, end: int, is_bad: Callable[[Exchange], bool]) -> int:
        """Return the sequence from which on something is bad that is so at the end: replays the log again and again."""
        good, bad = 0, end
        while bad - good > 1:
            middle = (good + bad) // 2
            if is_bad(self._state_at(middle)):
                bad = middle
            else:
                good = middle
        return bad

    def _state_at(self, sequence: int) -> Exchange:
        exchange, voids = Exchange(), self._reader.voids()
        for batch in self._reader.replay(0):
            for applied in replay_batch(exchange, batch, voids):
                if applied.sequence == sequence:
                    return exchange
            exchange.take_closed()
        return exchange

    def _check_users(self) -> None:
        try:
            connection = open_sqlite(self._folder.users, read_only=True)
        except FileNotFoundError:
            known: set[int] = set()
        else:
            known = {user_id for (user_id,) in connection.execute(_USER_IDS)}
            half_done = {self._exchange.account_for(key) for (key,) in connection.execute(_PENDING)}
            known |= {user_id for user_id in half_done if user_id is not None}  # the next start finishes those
            connection.close()
        strays = strays_of(self._exchange, self._early_users)
        if strays:
            named = ", ".join(map(str, strays[:3]))
            self._findings.broken(USERS, f"{len(strays)} users have no account in the journal (ids {named})")
        missing = sorted(set(self._exchange.accounts()) - known)
        if missing:
            named = ", ".join(map(str, missing[:3]))
            self._findings.broken(USERS, f"{len(missing)} accounts have no user (ids {named})")
        self._findings.held(USERS, f"each of {len(known)} users' accounts has its user")

    def _check_audit(self) -> None:
        try:
            with closing(open_audit(self._folder.root)) as connection:
                count = sum(1 for _ in entries(connection))
        except FileNotFoundError:
            self._findings.held(AUDIT, "there is no audit log yet")
        except AuditBroken as broken:
            self._findings.broken(AUDIT, f"entry {broken.sequence} of the audit log: {broken}")
        else:
            self._findings.held(AUDIT, f"{count} entries, whole")


def _broken_rule(exchange: Exchange) -> str | None:
    """Return which of the engine's own rules does not hold."""
    try:
        exchange.check()
    except InvariantBroken as error:
        return str(error)
    return None


def _users(folder: DataFolder) -> list[tuple[int, str | None]]:
    """Return the ids of all users, each with the key of its registration, None for an id that was set aside."""
    try:
        connection = open_sqlite(folder.users, read_only=True)
    except FileNotFoundError:
        return []
    try:
        return connection.execute(_REGISTRATIONS).fetchall()
    finally:
        connection.close()


def _live_state(folder: DataFolder, findings: Findings, wait_s: float) -> LiveState | None:
    """Return what the node that runs in the folder says of its state, if one does."""
    if not folder_in_use(folder.root):
        findings.held(LIVE, "no node is running here: nothing to compare")
        return None
    try:
        state = ask(folder.root, wait_s)
    except OSError as error:
        findings.broken(LIVE, f"the running node can not be asked for its state: {error}")
        return None
    if state is None:
        findings.broken(LIVE, f"the running node did not say its state within {wait_s:g} s")
    return state


def _witness(folder: DataFolder, findings: Findings) -> Mark | None:
    try:
        return read_mark(folder.witness)
    except FileNotFoundError:
        findings.broken(WITNESS, "there is no witness")
    except ValueError as error:
        findings.broken(WITNESS, str(error))
    return None
