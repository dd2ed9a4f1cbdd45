"""The audit log: written with the act, chained, only added to, and never flooded."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Scope
from cryptex.store import audit, repeats, users_database
from cryptex.store.audit import AuditBroken, AuditEntry, entries, open_audit, record
from cryptex.store.repeats import MINUTE_NS, NAMED_MAX, OTHERS, SUBJECTS_PER_MINUTE_MAX, UNKNOWN_NAME
from cryptex.store.users import Users
from cryptex.store.users_database import UsersDatabase
from tests.store.test_users import PASSWORD, START_NS, FakeClock

HOME = "192.0.2.7"


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock at START_NS."""
    return FakeClock()


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    """Yield a store with ann (1) and bob (2)."""
    store = Users.open(tmp_path, clock)
    for user_id, name in ((1, "ann"), (2, "bob")):
        store.complete(store.reserve(name, PASSWORD, None), user_id, HOME)
    yield store
    store.close()


def logged(folder: Path) -> list[AuditEntry]:
    """Return all entries."""
    connection = open_audit(folder)
    try:
        return list(entries(connection))
    finally:
        connection.close()


def said(folder: Path, after: int = 2) -> list[tuple[str, int | None, str, str]]:
    """Return act, actor, subject and address of the entries after the registrations."""
    return [(each.act, each.actor, each.subject, each.address) for each in logged(folder)[after:]]


def test_what_users_do_with_logins_passwords_and_keys_is_in_it(users: Users, tmp_path: Path) -> None:
    first, second, third = (users.login("Ann", PASSWORD, HOME).token for _ in range(3))
    _, key = users.api_keys.create(1, "my bot", [Scope.TRADE, Scope.READ], None, HOME)
    users.api_keys.revoke(1, key.id, HOME)
    users.sessions.revoke(1, users.sessions.of_user(1)[-1].id, HOME)
    users.change_password(1, PASSWORD, "a better password", third, HOME)
    users.sessions.end(third, HOME)
    users.sessions.end(first, HOME)  # it had ended
    assert [(act, actor) for act, actor, _, _ in said(tmp_path)] == [
        *[("login", 1)] * 3,
        ("api_key_created", 1),
        ("api_key_revoked", 1),
        ("session_revoked", 1),
        ("password_changed", 1),
        ("logout", 1),
    ]
    assert {address for *_, address in said(tmp_path, 0)} == {HOME}
    log = logged(tmp_path)
    assert log[0].subject == "ann"
    assert log[5].details == {"label": "my bot", "scopes": "read,trade", "kind": "bearer"}
    assert (log[5].subject, log[6].subject) == (str(key.id), str(key.id))
    assert log[8].details == {"sessions_ended": 1}
    secrets = (first, second, third, PASSWORD, "a better password")
    assert not any(secret in repr(log) for secret in secrets)


def test_ending_nothing_is_no_entry(users: Users, tmp_path: Path) -> None:
    kept = users.login("ann", PASSWORD).token
    other = users.login("ann", PASSWORD).token
    assert len(users.sessions.end_others(1, kept)) == 1
    before = logged(tmp_path)
    assert before[-1].details["ended"] == 1
    users.sessions.end_others(1, kept)
    users.sessions.end(other)
    assert logged(tmp_path) == before


def test_other_peoples_keys_and_sessions_leave_no_entry_of_an_end(users: Users, tmp_path: Path) -> None:
    users.login("bob", PASSWORD)
    _, key = users.api_keys.create(2, "bot", [Scope.READ], None)
    before = len(logged(tmp_path))
    for refused in (
        lambda: users.api_keys.revoke(1, key.id),
        lambda: users.sessions.revoke(1, users.sessions.of_user(2)[0].id),
    ):
        with pytest.raises(Refusal):
            refused()
    assert len(logged(tmp_path)) == before


def test_an_entry_is_there_only_if_its_act_is(tmp_path: Path, clock: FakeClock) -> None:
    database = UsersDatabase(tmp_path)
    writing = database.writing()
    record(writing.__enter__(), clock(), AuditAct.REKEYED, actor=0)
    assert not writing.__exit__(KeyError, KeyError(), None)
    assert logged(tmp_path) == []
    with database.writing() as connection:
        record(connection, clock(), AuditAct.REKEYED, actor=0)
    assert [each.act for each in logged(tmp_path)] == ["rekeyed"]
    database.close()


def test_long_and_broken_texts_are_cut_and_never_hold_up_the_act(tmp_path: Path, clock: FakeClock) -> None:
    database = UsersDatabase(tmp_path)
    with database.writing() as connection:
        details = {str(number): "x" * 10_000 for number in range(100)}
        record(connection, clock(), AuditAct.LOGIN, actor=1, subject="\ud800" * 999, address="9" * 99, details=details)
    database.close()
    [entry] = logged(tmp_path)
    assert (len(entry.subject), len(entry.address)) == (audit.SUBJECT_LENGTH_MAX, audit.ADDRESS_LENGTH_MAX)
    assert len(entry.details) == audit.DETAILS_MAX
    assert {len(str(value)) for value in entry.details.values()} == {audit.DETAIL_LENGTH_MAX}


def test_rows_are_neither_changed_nor_removed_by_a_statement(users: Users, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "users.db") as connection:
        for statement in ("UPDATE audit SET actor = 2", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                connection.execute(statement)
    connection.close()


def _tamper(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "users.db") as connection:
        for trigger in ("audit_keeps", "audit_stays"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        *((f"UPDATE audit SET {column} = {value} WHERE sequence = 3", 3) for column, value in (
            ("time_ns", "time_ns + 1"),
            ("actor", "2"),
            ("actor", "NULL"),
            ("act", "'logout'"),
            ("subject", "'bob'"),
            ("address", "''"),
            ("details", "'{}'"),
            ("hash", "zeroblob(32)"),
            ("previous_hash", "zeroblob(32)"),
        )),
        ("DELETE FROM audit WHERE sequence = 1", 1),
        ("DELETE FROM audit WHERE sequence = 4", 4),
        ("UPDATE audit SET sequence = 10 - sequence", 1),
        ("INSERT INTO audit SELECT 0, 0, 0, act, subject, '', details, previous_hash, hash FROM audit LIMIT 1", 1),
    ],
)  # fmt: skip
def test_whatever_is_changed_shows_with_the_first_bad_sequence(
    statement: str, sequence: int, users: Users, tmp_path: Path
) -> None:
    for _ in range(3):
        users.login("ann", PASSWORD, HOME)
    copy = Path(shutil.copytree(tmp_path, tmp_path / "copy"))
    assert len(logged(copy)) == 5
    _tamper(copy, statement)
    with pytest.raises(AuditBroken) as caught:
        logged(copy)
    assert caught.value.sequence == sequence


def test_a_cut_tail_shows_in_the_head_alone(users: Users, tmp_path: Path) -> None:
    head = logged(tmp_path)[-1].hash
    users.login("ann", PASSWORD)
    later = logged(tmp_path)[-1].hash
    _tamper(tmp_path, "DELETE FROM audit WHERE sequence = 3")
    hashes = [each.hash for each in logged(tmp_path)]
    assert head in hashes
    assert later not in hashes


# Failures


def _fail(users: Users, *names: str, times: int = 1) -> None:
    for name in names * times:
        with pytest.raises(Refusal):
            users.login(name, "wrong", HOME)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is ever right, and none is hashed."""
    monkeypatch.setattr("cryptex.store.users.verify_password", lambda _hash, _password: False)


@pytest.mark.usefixtures("quick")
def test_a_flood_of_failures_is_an_entry_and_a_count(users: Users, tmp_path: Path, clock: FakeClock) -> None:
    _fail(users, "ann", times=500)
    users.failures.settle()
    _fail(users, "ann", times=500)
    users.failures.settle()
    assert said(tmp_path) == [("login_failed", None, "ann", HOME)]
    clock.now_ns += MINUTE_NS
    users.failures.settle()
    assert said(tmp_path)[1:] == [("login_failed", None, "ann", "")]
    assert logged(tmp_path)[-1].details == {"more": 999}
    users.failures.settle()
    assert len(logged(tmp_path)) == 4


@pytest.mark.usefixtures("quick")
def test_what_was_typed_as_a_name_is_not_kept_unless_it_is_one(users: Users, tmp_path: Path) -> None:
    _fail(users, "correct horse battery staple", "nobody", "ANN")
    users.failures.settle(closing=True)
    subjects = [(subject, actor) for _, actor, subject, _ in said(tmp_path)]
    assert subjects == [(UNKNOWN_NAME, None), ("ann", None), (UNKNOWN_NAME, None)]
    assert logged(tmp_path)[-1].details == {"more": 1}


def test_many_subjects_share_a_row(users: Users, tmp_path: Path, clock: FakeClock) -> None:
    for minute in range(2):
        for number in range(5 * SUBJECTS_PER_MINUTE_MAX):
            for act in (AuditAct.LOGIN_FAILED, AuditAct.SECOND_FACTOR_FAILED):
                users.failures.note(act, f"user{number}", HOME)
        clock.now_ns = START_NS + (minute + 1) * MINUTE_NS
    users.failures.settle()
    rows = said(tmp_path)
    assert len(rows) == 2 * 2 * (SUBJECTS_PER_MINUTE_MAX + 2 + NAMED_MAX)
    assert [subject for *_, subject, _ in rows].count(OTHERS) == 8
    counts = [each.details for each in logged(tmp_path)[2:] if "among_others" not in each.details]
    assert sum(int(each.get("more", 1)) for each in counts) == 2 * 2 * 5 * SUBJECTS_PER_MINUTE_MAX


def test_noise_does_not_hide_who_is_guessed_at(users: Users, tmp_path: Path, clock: FakeClock) -> None:
    for number in range(2 * SUBJECTS_PER_MINUTE_MAX):
        users.failures.note(AuditAct.LOGIN_FAILED, f"user{number}", HOME)
    for _ in range(40):
        users.failures.note(AuditAct.LOGIN_FAILED, "victim", HOME)
    clock.now_ns = START_NS + MINUTE_NS
    users.failures.settle()
    [about] = [each.details for each in logged(tmp_path) if each.subject == "victim"]
    assert about == {"among_others": 40}


def test_others_are_counted_within_bounds(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "OTHERS_COUNTED_MAX", 5)
    for number in range(4 * SUBJECTS_PER_MINUTE_MAX):
        users.failures.note(AuditAct.LOGIN_FAILED, f"user{number}", HOME)
    assert len(users.failures._others) == 5


@pytest.mark.usefixtures("quick")
def test_the_counts_are_written_when_the_store_is_closed(tmp_path: Path, clock: FakeClock) -> None:
    store = Users.open(tmp_path, clock)
    _fail(store, "nobody", times=3)
    store.close()
    assert [each.details for each in logged(tmp_path)] == [{}, {"more": 2}]


def test_a_full_disk_turns_nobody_away_and_is_said(
    users: Users, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    users.failures.note(AuditAct.LOGIN_FAILED, "ann", HOME)
    blocker = sqlite3.connect(tmp_path / "users.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with users._database.reading() as connection:
        connection.execute("PRAGMA busy_timeout = 0")
    users.failures.settle()
    assert "lacks 1 entries" in caplog.text
    blocker.close()
    users.failures.settle()
    assert said(tmp_path) == []


def test_a_wrong_present_password_is_a_failure_of_the_user(users: Users, tmp_path: Path) -> None:
    token = users.login("ann", PASSWORD).token
    with pytest.raises(Refusal):
        users.change_password(1, "wrong", "a better password", token, HOME)
    users.failures.settle()
    assert said(tmp_path)[-1] == ("password_change_failed", 1, "ann", HOME)


def test_repairs_are_the_operators(users: Users, tmp_path: Path) -> None:
    users.reserve_ids([7, 8])
    users.set_aside([2])
    users.reserve_ids([])
    log = logged(tmp_path)[2:]
    assert [(each.act, each.actor) for each in log] == [("ids_reserved", 0), ("ids_set_aside", 0)]
    assert log[1].details == {"id": 2, "set_aside_as": -1}


def test_a_store_of_before_gets_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    with monkeypatch.context() as before:
        before.setattr(users_database, "_SCHEMA_VERSION", 3)
        UsersDatabase(tmp_path).close()
    with pytest.raises(FileNotFoundError):
        open_audit(tmp_path)
    Users.open(tmp_path, clock).close()
    assert logged(tmp_path) == []
