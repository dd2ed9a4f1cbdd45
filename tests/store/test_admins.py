"""Roles and what admins do with users: at once, by admins alone, never to themselves, and all of it audited."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import Role, Scope
from cryptex.store import audit
from cryptex.store.admins import Admins
from cryptex.store.tokens import token_hash
from cryptex.store.users import Users
from tests.store.test_audit import HOME, logged
from tests.store.test_users import PASSWORD, START_NS, FakeClock

ANN, BOB, CAT = 1, 2, 3


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock at START_NS."""
    return FakeClock()


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    """Yield a store with ann, an admin, and bob and cat."""
    store = Users.open(tmp_path, clock)
    for user_id, name in ((ANN, "ann"), (BOB, "bob"), (CAT, "cat")):
        store.complete(store.reserve(name, PASSWORD, None), user_id)
    store.admins.give("Ann")
    yield store
    store.close()


@pytest.fixture
def anns(users: Users) -> bytes:
    """Return the hash of the token of ann's login."""
    return token_hash(users.login("ann", PASSWORD).token)


def refused(call: Callable[[], object]) -> Code:
    """Return the code with which a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


def said(folder: Path) -> list[tuple[str, int | None, str]]:
    """Return act, actor and subject of what admins and the operator did."""
    return [(each.act, each.actor, each.subject) for each in logged(folder)[3:] if each.act != "login"]


def test_a_role_is_given_and_taken_by_the_operator_once(users: Users, tmp_path: Path) -> None:
    users.admins.give("ann")
    assert [user.username for user in users.admins.all()] == ["ann"]
    assert users.admins.give("BOB").role is Role.ADMIN
    assert users.admins.take("bob").role is Role.TRADER
    users.admins.take("bob")
    assert refused(lambda: users.admins.give("nobody")) is Code.UNKNOWN_USER
    assert refused(lambda: users.admins.give("\u00e4nn")) is Code.UNKNOWN_USER
    assert said(tmp_path) == [("role_given", 0, "ann"), ("role_given", 0, "bob"), ("role_taken", 0, "bob")]


def test_sessions_and_keys_say_the_role_of_now(users: Users) -> None:
    token = users.login("bob", PASSWORD).token
    secret, _ = users.api_keys.create(BOB, "bot", [Scope.READ], None)

    def roles() -> list[Role | None]:
        session, key, user = users.sessions.find(token), users.api_keys.find(secret), users.by_id(BOB)
        return [each.role if each is not None else None for each in (session, key, user)]

    assert roles() == [Role.TRADER] * 3
    users.admins.give("bob")
    assert roles() == [Role.ADMIN] * 3


def test_a_disabled_user_is_out_until_enabled_and_keys_rest(
    users: Users, anns: bytes, tmp_path: Path, clock: FakeClock
) -> None:
    token = users.login("bob", PASSWORD).token
    secret, _ = users.api_keys.create(BOB, "bot", [Scope.READ], None)
    users.login("cat", PASSWORD)
    user, ended = users.admins.disable(ANN, "Bob", HOME, session=anns)
    assert (user.disabled_ns, user.sessions, user.api_keys) == (START_NS, 0, 1)
    assert set(ended) == {token_hash(token), token_hash(secret)}
    assert users.sessions.find(token) is None
    assert users.api_keys.find(secret) is None
    assert refused(lambda: users.login("bob", PASSWORD)) is Code.USER_DISABLED
    assert refused(lambda: users.login("bob", "wrong")) is Code.BAD_CREDENTIALS
    assert users.admins.disabled_ids() == [BOB]
    clock.now_ns += 1
    assert users.admins.disable(ANN, "bob", session=anns)[0].disabled_ns == START_NS
    assert users.admins.enable(ANN, "bob", HOME, session=anns).disabled_ns is None
    users.admins.enable(ANN, "bob", session=anns)
    assert users.sessions.find(token) is None
    assert users.api_keys.find(secret) is not None
    users.login("bob", PASSWORD)
    acts = [("role_given", 0, "ann"), ("api_key_created", BOB, "1")]
    assert said(tmp_path) == [*acts, ("user_disabled", ANN, "bob"), ("user_enabled", ANN, "bob")]


def test_logins_of_a_user_are_ended_with_keys_or_without(users: Users, anns: bytes, tmp_path: Path) -> None:
    token = users.login("bob", PASSWORD).token
    secret, _ = users.api_keys.create(BOB, "bot", [Scope.READ], None)
    cats = users.login("cat", PASSWORD).token
    assert users.admins.end_sessions(ANN, "bob", session=anns)[1] == [token_hash(token)]
    assert users.api_keys.find(secret) is not None
    assert users.admins.end_sessions(ANN, "bob", session=anns, keys=True)[1] == [token_hash(secret)]
    assert users.api_keys.find(secret) is None
    assert users.sessions.find(cats) is not None
    ends = [each for each in logged(tmp_path) if each.act == "user_sessions_ended"]
    assert [each.details for each in ends] == [{"sessions": 1, "api_keys": 0}, {"sessions": 0, "api_keys": 1}]


def acts_of(admins: Admins, actor: int, session: bytes) -> list[Callable[[], object]]:
    """Return all that admins do."""
    return [
        lambda: admins.disable(actor, "cat", session=session),
        lambda: admins.enable(actor, "cat", session=session),
        lambda: admins.end_sessions(actor, "cat", session=session),
        lambda: admins.record(actor, AuditAct.MARKET_HALTED, "BTC-USDT", HOME, session=session),
    ]


@pytest.mark.parametrize("actor", [BOB, 99, -1, 0])
def test_nobody_but_an_admin_of_this_moment_acts(actor: int, users: Users, anns: bytes, tmp_path: Path) -> None:
    bobs = token_hash(users.login("bob", PASSWORD).token)
    before = logged(tmp_path)
    for session in (anns, bobs):
        expected = Code.FORBIDDEN if (actor, session) == (BOB, bobs) else Code.UNAUTHENTICATED
        assert {refused(act) for act in acts_of(users.admins, actor, session)} == {expected}
    assert logged(tmp_path) == before


def test_an_admin_whose_login_has_ended_does_nothing_with_it(users: Users, anns: bytes, tmp_path: Path) -> None:
    users.login("cat", PASSWORD)
    users.revoke_all(ANN)
    others = token_hash(users.login("ann", PASSWORD).token)
    before, cat = logged(tmp_path), users.admins.users(1)
    assert {refused(act) for act in acts_of(users.admins, ANN, anns)} == {Code.UNAUTHENTICATED}
    assert (logged(tmp_path), users.admins.users(1)) == (before, cat)
    for act in acts_of(users.admins, ANN, others):
        act()


def test_an_admin_does_not_disable_themself_nor_two_each_other(users: Users, anns: bytes) -> None:
    assert refused(lambda: users.admins.disable(ANN, "ann", session=anns)) is Code.FORBIDDEN
    users.admins.give("bob")
    bobs = token_hash(users.login("bob", PASSWORD).token)
    users.admins.disable(ANN, "bob", session=anns)
    assert refused(lambda: users.admins.disable(BOB, "ann", session=bobs)) is Code.UNAUTHENTICATED
    assert refused(lambda: users.admins.enable(BOB, "bob", session=bobs)) is Code.UNAUTHENTICATED


def test_users_are_listed_newest_first_in_pages(users: Users) -> None:
    users.set_aside([CAT])
    users.reserve_ids([7])
    users.login("bob", PASSWORD)
    assert [(each.id, each.role, each.sessions) for each in users.admins.users(10)] == [
        (7, Role.TRADER, 0),
        (BOB, Role.TRADER, 1),
        (ANN, Role.ADMIN, 0),
    ]
    assert [each.id for each in users.admins.users(1, before=7)] == [BOB]


def test_an_admin_who_was_set_aside_is_none_any_more(users: Users, anns: bytes) -> None:
    users.set_aside([ANN])
    assert users.admins.all() == []
    for actor in (ANN, -1):
        assert {refused(act) for act in acts_of(users.admins, actor, anns)} == {Code.UNAUTHENTICATED}


@pytest.mark.parametrize("scanned", [1, 3, 100])
def test_pages_of_the_log_leave_nothing_out_however_little_is_looked_at(
    scanned: int, users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bob", "cat", "bob", "ann", "bob"):
        users.login(name, PASSWORD)
    monkeypatch.setattr(audit, "SCANNED_MAX", scanned)
    found: list[int] = []
    before: int | None = None
    while True:
        page = users.admins.audited(2, before, "bob", [AuditAct.LOGIN])
        found += [each.sequence for each in page.entries]
        assert page.head.sequence == 9
        if page.next is None:
            break
        before = page.next
    assert found == [9, 7, 5]
    assert [each.username for each in users.admins.audited(9, None, None, []).entries][:1] == ["bob"]
