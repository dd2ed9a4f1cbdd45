"""Registration in two steps, login, sessions and their ends."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Scope
from cryptex.store import sessions as sessions_module
from cryptex.store import users as users_module
from cryptex.store.common_passwords import common_passwords
from cryptex.store.database import SchemaTooNew
from cryptex.store.passwords import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from cryptex.store.sessions import SESSION_IDLE_NS, SESSION_LIFETIME_NS, SESSION_TOUCH_NS, Session
from cryptex.store.tokens import token_hash
from cryptex.store.users import User, Users

START_NS = 1_700_000_000_000_000_000
PASSWORD = "correct horse"


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock at START_NS."""
    return FakeClock()


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    """Yield an empty store."""
    store = Users.open(tmp_path, clock)
    yield store
    store.close()


@pytest.fixture
def john(users: Users) -> User:
    """Return a registered user."""
    return users.complete(users.reserve("John", PASSWORD, "john@example.org"), 1)


def refused(code: Code, users: Users, username: str, password: str = PASSWORD, email: str | None = None) -> Refusal:
    """Check that a registration is refused with a code; return the refusal."""
    with pytest.raises(Refusal) as caught:
        users.reserve(username, password, email)
    assert caught.value.code == code
    return caught.value


def test_a_user_is_reserved_then_completed_with_the_accounts_id(users: Users) -> None:
    key = users.reserve("John", PASSWORD, None)
    assert users.pending() == [key]
    assert users.by_id(1) is None
    user = users.complete(key, 1)
    assert user == User(1, "john", None, START_NS) == users.by_id(1)
    assert users.complete(key, 1) == user  # a crash may lead to asking twice
    assert users.pending() == []
    assert users.known_ids() == {1}


def test_nobody_can_log_in_before_the_account_exists(users: Users) -> None:
    users.reserve("john", PASSWORD, None)
    with pytest.raises(Refusal) as caught:
        users.login("john", PASSWORD)
    assert caught.value.code == Code.BAD_CREDENTIALS


def test_a_username_is_taken_while_pending_and_after_but_not_once_released(users: Users) -> None:
    key = users.reserve("john", PASSWORD, None)
    refused(Code.DUPLICATE_USER, users, "JOHN")
    users.release(key)
    users.release(key)
    key = users.reserve("jOhn", PASSWORD, None)
    users.complete(key, 1)
    refused(Code.DUPLICATE_USER, users, "john")
    with pytest.raises(KeyError):
        users.complete("unknown", 2)


def test_of_many_that_want_a_name_at_once_one_gets_it(users: Users) -> None:
    start = threading.Barrier(4)

    def reserve(_: int) -> Code | None:
        start.wait()
        try:
            users.reserve("john", PASSWORD, None)
        except Refusal as refusal:
            return refusal.code
        return None

    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(reserve, range(4)))
    assert sorted(map(str, heard)) == ["None", *["duplicate_user"] * 3]
    assert len(users.pending()) == 1


def test_no_hashing_happens_under_the_lock(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    def hashing(_: str) -> str:
        assert not users._database.lock.locked()
        return "hash"

    def verifying(_: str | None, __: str) -> bool:
        assert not users._database.lock.locked()
        return True

    monkeypatch.setattr(users_module, "hash_password", hashing)
    monkeypatch.setattr(users_module, "verify_password", verifying)
    users.complete(users.reserve("john", PASSWORD, None), 1)
    users.login("john", PASSWORD)


def test_an_id_belongs_to_one_user(users: Users, john: User) -> None:
    key = users.reserve("mary", PASSWORD, None)
    with pytest.raises(ValueError, match="account 1 belongs to another user"):
        users.complete(key, john.id)
    assert users.pending() == [key]
    assert users.by_id(1) == john


@pytest.mark.parametrize("username", ["ab", "a" * 33, "john doe", "jöhn", "\u212aelvin", "john\n", "", "a/b", "#12"])
def test_a_username_of_another_form_is_refused(users: Users, username: str) -> None:
    assert refused(Code.INVALID_REQUEST, users, username).details == {"field": "username"}


@pytest.mark.parametrize("username", ["abc", "a" * 32, "J.o-h_n", "..."])
def test_usernames_at_the_edge_are_taken(users: Users, username: str) -> None:
    assert users.complete(users.reserve(username, PASSWORD, None), 1).username == username.lower()


@pytest.mark.parametrize(
    "email", ["", "john", "@x", "john@", "a b@c.d", "a@b@c", "a@b\n", "a\ud800@b", "a" * 250 + "@b.cd"]
)
def test_what_can_not_be_an_email_is_refused(users: Users, email: str) -> None:
    assert refused(Code.INVALID_REQUEST, users, "john", email=email).details == {"field": "email"}


def test_an_email_may_be_shared_and_does_not_tell_who_is_here(users: Users, john: User) -> None:
    users.complete(users.reserve("mary", PASSWORD, john.email), 2)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129])
def test_a_password_of_another_length_is_refused(users: Users, password: str) -> None:
    assert refused(Code.WEAK_PASSWORD, users, "john", password).details == {"field": "password"}


@pytest.mark.parametrize("password", ["password123", "12345678", "пароль-длинный", "x" * 128, "\ud800 lonely"])
def test_any_password_of_the_right_length_will_do_on_loopback(users: Users, password: str) -> None:
    users.complete(users.reserve("john", password, None), 1)
    users.login("john", password)


@pytest.mark.parametrize(
    "password", ["password123", "PassWord123", "john.the.first", "eeeeeeeee", "bitcoin123", "trustno1", "liverpool"]
)
def test_a_node_for_others_refuses_common_passwords(tmp_path: Path, clock: FakeClock, password: str) -> None:
    store = Users.open(tmp_path, clock, refuse_common=True)
    refused(Code.WEAK_PASSWORD, store, "John.the.First", password)
    store.reserve("John.the.First", PASSWORD, None)
    store.close()


def test_the_list_of_common_passwords_has_three_thousand_that_the_rule_of_length_lets_through() -> None:
    assert len(common_passwords()) > 3_000
    assert all(PASSWORD_LENGTH_MIN <= len(each) <= PASSWORD_LENGTH_MAX for each in common_passwords())


def test_login_gives_a_token_of_which_only_the_hash_is_kept(users: Users, john: User, tmp_path: Path) -> None:
    token, session, _ = users.login("JOHN", PASSWORD)
    assert (
        session == Session(1, "john", START_NS, START_NS + SESSION_LIFETIME_NS, START_NS) == users.sessions.find(token)
    )
    assert len(token) == 43
    (kept,) = users._database.connection.execute("SELECT token_hash FROM sessions").fetchone()
    assert kept == hashlib.sha256(token.encode()).digest()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("users.db*"))
    assert token.encode() not in stored
    assert PASSWORD.encode() not in stored
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in stored
    assert (tmp_path / "users.db").stat().st_mode & 0o777 == 0o600


def test_wrong_passwords_and_unknown_users_are_told_the_same(users: Users, john: User) -> None:
    heard = set()
    for username, password in (("john", "wrong password"), ("nobody", PASSWORD), ("jöhn", PASSWORD), ("john", "")):
        with pytest.raises(Refusal) as caught:
            users.login(username, password)
        heard.add((caught.value.code, caught.value.message, tuple(caught.value.details)))
    assert heard == {(Code.BAD_CREDENTIALS, "the username or the password is wrong", ())}


def test_an_unknown_user_costs_a_hash_too(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def verify(stored_hash: str | None, _: str) -> bool:
        asked.append(stored_hash)
        return False

    monkeypatch.setattr(users_module, "verify_password", verify)
    with pytest.raises(Refusal):
        users.login("nobody", PASSWORD)
    assert asked == [None]


def test_an_unused_session_ends(users: Users, john: User, clock: FakeClock) -> None:
    token = users.login("john", PASSWORD).token
    clock.now_ns += SESSION_IDLE_NS - 1
    assert users.sessions.find(token)
    clock.now_ns += SESSION_IDLE_NS
    assert users.sessions.find(token) is None


def test_a_session_ends_at_last_though_it_is_used(users: Users, john: User, clock: FakeClock) -> None:
    token, session, _ = users.login("john", PASSWORD)
    while clock.now_ns + SESSION_IDLE_NS - 1 < session.expires_ns:
        clock.now_ns += SESSION_IDLE_NS - 1
        assert users.sessions.find(token) == session
    clock.now_ns = session.expires_ns - 1
    assert users.sessions.find(token) == session
    clock.now_ns = session.expires_ns
    assert users.sessions.find(token) is None


def test_use_is_noted_at_most_once_a_minute(users: Users, john: User, clock: FakeClock) -> None:
    token = users.login("john", PASSWORD).token
    clock.now_ns += SESSION_TOUCH_NS - 1
    assert users.sessions.find(token)
    assert users._database.connection.execute("SELECT used_ns FROM sessions").fetchone() == (START_NS,)
    clock.now_ns += 1
    assert users.sessions.find(token)
    assert users._database.connection.execute("SELECT used_ns FROM sessions").fetchone() == (clock.now_ns,)


def test_logout_ends_one_session_and_revoking_ends_all(users: Users, john: User) -> None:
    tokens = [users.login("john", PASSWORD).token for _ in range(3)]
    users.sessions.end(tokens[0])
    users.sessions.end("unknown \ud800")
    assert [users.sessions.find(token) is None for token in tokens] == [True, False, False]
    secret, _ = users.api_keys.create(john.id, "bot", [Scope.READ], None)
    assert set(users.revoke_all(john.id)) == {token_hash(token) for token in (*tokens[1:], secret)}
    assert [users.sessions.find(token) for token in tokens] == [None, None, None]
    assert users.api_keys.find(secret) is None


def test_sessions_of_a_user_are_bounded_and_expired_ones_are_cleared(
    users: Users, john: User, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions_module, "SESSIONS_PER_USER_MAX", 2)
    tokens: list[str] = []
    ended: list[bytes] = []
    for _ in range(3):
        clock.now_ns += 1
        login = users.login("john", PASSWORD)
        tokens.append(login.token)
        ended += login.ended
    assert ended == [token_hash(tokens[0])]
    assert [users.sessions.find(token) is None for token in tokens] == [True, False, False]
    clock.now_ns += SESSION_LIFETIME_NS
    assert set(users.login("john", PASSWORD).ended) == {token_hash(token) for token in tokens[1:]}
    assert users._database.connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


def test_everything_is_there_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    store = Users.open(tmp_path, clock)
    store.complete(store.reserve("john", PASSWORD, None), 1)
    key = store.reserve("mary", PASSWORD, None)
    token, session, _ = store.login("john", PASSWORD)
    store.close()
    store = Users.open(tmp_path, clock)
    assert store.sessions.find(token) == session
    assert store.pending() == [key]
    assert store.known_ids() == {1}
    store.close()


def test_a_full_disk_is_unavailable_and_reserves_nothing(users: Users) -> None:
    pages = users._database.connection.execute("PRAGMA page_count").fetchone()[0]
    users._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Refusal) as caught:
        users.reserve_ids(range(1, 5000))
    assert caught.value.code == Code.UNAVAILABLE
    assert users.known_ids() == set()


def test_a_store_of_a_newer_cryptex_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    Users.open(tmp_path, clock).close()
    connection = sqlite3.connect(tmp_path / "users.db")
    with connection:
        connection.execute("UPDATE schema_version SET version = 9")
    connection.close()
    with pytest.raises(SchemaTooNew):
        Users.open(tmp_path, clock)


def test_a_login_that_a_new_password_overtakes_is_refused(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    users.complete(users.reserve("john", PASSWORD, None), 1)
    kept = users.login("john", PASSWORD).token
    verify = users_module.verify_password

    def overtaken(stored_hash: str | None, password: str) -> bool:
        monkeypatch.setattr(users_module, "verify_password", verify)
        found = verify(stored_hash, password)
        users.change_password(1, PASSWORD, "a better password", kept)
        return found

    monkeypatch.setattr(users_module, "verify_password", overtaken)
    with pytest.raises(Refusal) as caught:
        users.login("john", PASSWORD)
    assert caught.value.code is Code.BAD_CREDENTIALS
    assert [session.created_ns for session in users.sessions.of_user(1)] == [START_NS]
