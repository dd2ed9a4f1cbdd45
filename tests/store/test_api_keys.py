"""API keys in the users store: made, found, expired, revoked; of their secrets only hashes are kept."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Scope
from cryptex.store import api_keys as module
from cryptex.store import users_database
from cryptex.store.api_keys import KEY_TOUCH_NS, PREFIX, ApiKey, ApiKeys, is_api_key
from cryptex.store.tokens import TOKEN_LENGTH, new_token, token_hash
from cryptex.store.users import Users
from tests.store.test_users import PASSWORD, START_NS, FakeClock

READ = (Scope.READ,)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock at START_NS."""
    return FakeClock()


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    """Yield a store with two users, ann (1) and bob (2)."""
    store = Users.open(tmp_path, clock)
    for user_id, name in ((1, "ann"), (2, "bob")):
        store.complete(store.reserve(name, PASSWORD, None), user_id)
    yield store
    store.close()


@pytest.fixture
def keys(users: Users) -> ApiKeys:
    """Return the keys of that store."""
    return users.api_keys


def refused(code: Code, call: object, *args: object) -> None:
    """Check that a call is refused with a code."""
    assert callable(call)
    with pytest.raises(Refusal) as caught:
        call(*args)
    assert caught.value.code == code


def test_a_key_is_found_by_its_secret(keys: ApiKeys) -> None:
    secret, key = keys.create(1, "my bot", [Scope.WITHDRAW, Scope.READ, Scope.READ], START_NS + 5)
    assert key == ApiKey(1, 1, "ann", "my bot", (Scope.READ, Scope.WITHDRAW), START_NS, START_NS + 5, None)
    assert keys.find(secret) == key
    assert keys.find(secret[:-1]) is None
    assert keys.find("nothing") is None


def test_a_secret_is_told_from_the_token_of_a_login(users: Users, keys: ApiKeys) -> None:
    secret, _ = keys.create(1, "bot", READ, None)
    token = users.login("ann", PASSWORD).token
    assert len(token) == len(new_token()) == TOKEN_LENGTH
    assert (is_api_key(secret), is_api_key(token), is_api_key(PREFIX + token[4:])) == (True, False, False)
    assert (users.sessions.find(secret), keys.find(token)) == (None, None)


def test_only_the_hash_of_a_secret_is_kept(keys: ApiKeys, users: Users, tmp_path: Path) -> None:
    secret, key = keys.create(1, "bot", READ, None)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("users.db*"))
    assert secret.encode() not in stored
    assert secret.removeprefix(PREFIX).encode() not in stored
    assert token_hash(secret) in stored
    assert secret not in repr(key)


def test_the_keys_of_a_user_are_listed_newest_first_and_nobody_elses(keys: ApiKeys) -> None:
    _, first = keys.create(1, "first", READ, None)
    _, second = keys.create(1, "second", READ, None)
    _, other = keys.create(2, "other", READ, None)
    assert keys.of_user(1) == [second, first]
    assert keys.of_user(2) == [other]
    assert keys.of_user(3) == []


def test_a_key_ends_at_its_expiry_and_not_before(keys: ApiKeys, clock: FakeClock) -> None:
    secret, key = keys.create(1, "bot", READ, START_NS + 10)
    lasting, _ = keys.create(1, "lasting", READ, None)
    clock.now_ns += 9
    assert keys.find(secret) is not None
    clock.now_ns += 1
    assert keys.find(secret) is None
    assert key.id in [each.id for each in keys.of_user(1)]
    clock.now_ns += 10**18
    assert keys.find(lasting) is not None


def test_a_key_is_revoked_by_its_owner_alone(keys: ApiKeys) -> None:
    secret, key = keys.create(1, "bot", READ, None)
    refused(Code.UNKNOWN_API_KEY, keys.revoke, 2, key.id)
    refused(Code.UNKNOWN_API_KEY, keys.revoke, 1, key.id + 1)
    assert keys.find(secret) is not None
    assert keys.revoke(1, key.id) == token_hash(secret)
    assert (keys.find(secret), keys.of_user(1)) == (None, [])
    refused(Code.UNKNOWN_API_KEY, keys.revoke, 1, key.id)


def test_the_id_of_a_revoked_key_names_no_other(keys: ApiKeys) -> None:
    _, key = keys.create(1, "bot", READ, None)
    keys.revoke(1, key.id)
    assert keys.create(1, "bot", READ, None)[1].id > key.id


def test_use_is_noted_at_most_once_a_minute(keys: ApiKeys, clock: FakeClock) -> None:
    secret, _ = keys.create(1, "bot", READ, None)
    clock.now_ns += 5
    keys.find(secret)
    assert keys.of_user(1)[0].used_ns == START_NS + 5
    clock.now_ns += KEY_TOUCH_NS - 1
    keys.find(secret)
    assert keys.of_user(1)[0].used_ns == START_NS + 5
    clock.now_ns += 1
    keys.find(secret)
    assert keys.of_user(1)[0].used_ns == clock.now_ns


def test_keys_are_bounded_and_expired_ones_make_room(
    keys: ApiKeys, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEYS_PER_USER_MAX", 2)
    keys.create(1, "brief", READ, START_NS + 5)
    keys.create(1, "lasting", READ, None)
    refused(Code.TOO_MANY_API_KEYS, keys.create, 1, "third", READ, None)
    keys.create(2, "other", READ, None)
    clock.now_ns += 5
    keys.create(1, "third", READ, None)
    assert [key.label for key in keys.of_user(1)] == ["third", "lasting"]
    refused(Code.TOO_MANY_API_KEYS, keys.create, 1, "fourth", READ, None)


def test_a_logout_leaves_keys_alone(users: Users, keys: ApiKeys) -> None:
    secret, key = keys.create(1, "bot", READ, None)
    token = users.login("ann", PASSWORD).token
    users.sessions.end(token)
    users.sessions.end(secret)
    assert keys.find(secret) == key


def test_keys_are_there_after_a_restart(users: Users, keys: ApiKeys, tmp_path: Path, clock: FakeClock) -> None:
    secret, key = keys.create(1, "bot", READ, START_NS + 5)
    users.close()
    again = Users.open(tmp_path, clock)
    assert again.api_keys.find(secret) == key
    again.close()


def test_a_store_from_before_there_were_keys_is_brought_up_to_date(tmp_path: Path, clock: FakeClock) -> None:
    connection = sqlite3.connect(tmp_path / "users.db", isolation_level=None)
    connection.execute("CREATE TABLE schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO schema_version VALUES ('users', 1)")
    for statement in users_database._SCHEMA_STEPS[1]:
        connection.execute(statement)
    connection.execute("INSERT INTO users (id, username, created_ns) VALUES (1, 'ann', 1)")
    connection.close()
    store = Users.open(tmp_path, clock)
    secret, _ = store.api_keys.create(1, "bot", READ, None)
    store.close()
    store = Users.open(tmp_path, clock)
    found = store.api_keys.find(secret)
    assert found is not None
    assert found.username == "ann"
    store.close()


def test_no_key_outlives_the_login_that_asked_for_it_in_its_last_moment(users: Users, keys: ApiKeys) -> None:
    session = token_hash(users.login("ann", PASSWORD).token)
    users.admins.give("bob")
    keys.create(1, "in time", READ, None, session=session)
    refused(Code.UNAUTHENTICATED, lambda: keys.create(2, "not bob's", READ, None, session=session))
    bobs = token_hash(users.login("bob", PASSWORD).token)
    users.admins.end_sessions(2, "ann", session=bobs, keys=True)
    refused(Code.UNAUTHENTICATED, lambda: keys.create(1, "too late", READ, None, session=session))
    assert keys.of_user(1) == []
