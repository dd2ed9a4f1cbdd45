"""The users store where the disk is full, and where the log does not know its users."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Scope
from cryptex.store import users_database
from cryptex.store.sessions import SESSION_IDLE_NS, SESSION_TOUCH_NS
from cryptex.store.users import User, Users
from tests.store.test_users import PASSWORD, FakeClock, refused


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    store = Users.open(tmp_path, clock)
    yield store
    store.close()


@pytest.fixture
def john(users: Users) -> User:
    return users.complete(users.reserve("john", PASSWORD, None), 1)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR])
def test_a_full_disk_keeps_nobody_from_reading(
    users: Users,
    john: User,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    @contextmanager
    def failing(_: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = code
        raise error
        yield

    token = users.login("john", PASSWORD).token
    secret, _ = users.api_keys.create(john.id, "bot", [Scope.READ], None)
    clock.now_ns += SESSION_TOUCH_NS
    with monkeypatch.context() as patch:
        patch.setattr(users_database, "transaction", failing)
        assert users.sessions.find(token)
        assert users.api_keys.find(secret)
    assert caplog.text.count("can not be noted") == 1
    assert users.sessions.find(token)
    assert users._database.connection.execute("SELECT used_ns FROM sessions").fetchone() == (clock.now_ns,)


def test_users_set_aside_are_gone_from_their_ids_and_cannot_come_in(users: Users, john: User) -> None:
    mary = users.complete(users.reserve("mary", PASSWORD, None), 2)
    token = users.login("john", PASSWORD).token
    secret, _ = users.api_keys.create(john.id, "bot", [Scope.READ], None)
    users.set_aside([john.id])
    assert users.known_ids() == {mary.id}
    assert [user_id for user_id, _ in users.registrations()] == [mary.id]
    assert users.sessions.find(token) is None
    assert users.api_keys.find(secret) is None
    for name in ("john", "#-1 john"):
        with pytest.raises(Refusal, match="wrong"):
            users.login(name, PASSWORD)
    again = users.complete(users.reserve("john", PASSWORD, None), 1)
    assert users.by_id(1) == again
    users.set_aside([1, 2])
    assert [user.username for user in map(users.by_id, (-1, -2, -3)) if user] == ["#-1 john", "#-2 john", "#-3 mary"]


def test_a_session_may_be_looked_at_without_being_used(users: Users, john: User, clock: FakeClock) -> None:
    token = users.login("john", PASSWORD).token
    clock.now_ns += SESSION_IDLE_NS - 1
    assert users.sessions.find(token, used=False)
    clock.now_ns += 1
    assert users.sessions.find(token, used=False) is None


def test_repair_takes_ids_that_nobody_can_use(users: Users, john: User) -> None:
    users.reserve_ids([1, 2, 5])
    assert users.known_ids() == {1, 2, 5}
    assert users.by_id(1) == john
    with pytest.raises(Refusal):
        users.login("#2", "")
    refused(Code.INVALID_REQUEST, users, "#2")
    key = users.reserve("mary", PASSWORD, None)  # unless its own registration turns up after all
    assert users.complete(key, 2).username == "mary"
    assert users.known_ids() == {1, 2, 5}
