"""Allow-lists in users.db: off by default, each change after its delay, audited, and each user's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Code, Refusal
from cryptex.store.allow_lists import ADDRESSES_PER_USER_MAX, AllowList, AllowLists
from cryptex.store.audit import entries
from cryptex.store.tokens import token_hash
from cryptex.store.users import Users
from cryptex.store.users_database import UsersDatabase

DAY_NS = 24 * 3600 * 10**9


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = DAY_NS

    def __call__(self) -> int:
        return self.now


def session_of(user_id: int) -> bytes:
    """Return the hash of the token of a user's login."""
    return token_hash(f"the token of {user_id}")


class Store:
    """Lists of users 1 and 2, who are logged in."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.database = UsersDatabase(folder)
        self.lists = AllowLists(self.database, self.clock)
        with self.database.writing() as connection:
            for user_id, name in ((1, "a"), (2, "b")):
                connection.execute("INSERT INTO users (id, username, created_ns) VALUES (?, ?, 0)", (user_id, name))
                connection.execute("INSERT INTO sessions VALUES (?, ?, 0, 0, 0)", (session_of(user_id), user_id))

    def refused(self, user_id: int, asset: str, address: str) -> Code | None:
        """Return the code with which an address is turned away."""
        try:
            self.lists.check(user_id, asset, address)
        except Refusal as refusal:
            return refusal.code
        return None

    def add(self, user_id: int, address: str) -> int:
        """Add an address for BTC; return its id."""
        return self.lists.add(user_id, "BTC", address, "mine", DAY_NS, "::1", session=session_of(user_id))[0].id

    def enable(self, user_id: int) -> AllowList:
        """Turn a list on."""
        return self.lists.enable(user_id, "::1", session=session_of(user_id))

    def disable(self, user_id: int) -> AllowList:
        """Turn a list off."""
        return self.lists.disable(user_id, DAY_NS, "::1", session=session_of(user_id))

    def remove(self, user_id: int, address_id: int) -> None:
        """Take an address off."""
        self.lists.remove(user_id, address_id, "::1", session=session_of(user_id))

    def acts(self) -> list[str]:
        """Return what is audited."""
        with self.database.reading() as connection:
            return [entry.act for entry in entries(connection)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.database.close()


def test_a_list_is_off_until_it_is_turned_on_and_then_at_once(store: Store) -> None:
    assert not store.lists.of_user(1).enabled
    assert store.refused(1, "BTC", "there") is None
    assert store.enable(1).enabled
    assert store.refused(1, "BTC", "there") is Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED
    assert store.refused(2, "BTC", "there") is None, "a list is one user's"


def test_an_address_counts_from_its_delay_on_for_its_asset_and_user(store: Store) -> None:
    store.enable(1)
    store.enable(2)
    store.add(1, "there")
    store.clock.now += DAY_NS - 1
    assert store.refused(1, "BTC", "there") is Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED
    store.clock.now += 1
    assert store.refused(1, "BTC", "there") is None
    for user_id, asset, address in ((2, "BTC", "there"), (1, "ETH", "there"), (1, "BTC", "There")):
        assert store.refused(user_id, asset, address) is Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED


def test_turning_it_off_takes_the_delay_and_asking_again_does_not_shorten_or_lengthen_it(store: Store) -> None:
    store.enable(1)
    first = store.disable(1)
    assert (first.enabled, first.ends_ns) == (True, store.clock.now + DAY_NS)
    store.clock.now += DAY_NS - 1
    assert store.disable(1).ends_ns == first.ends_ns
    assert store.refused(1, "BTC", "there") is Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED
    store.clock.now += 1
    assert store.refused(1, "BTC", "there") is None
    found = store.lists.of_user(1)
    assert (found.enabled, found.ends_ns) == (False, None)
    assert not store.disable(1).enabled
    assert store.enable(1).enabled, "it can be turned on again"


def test_turning_it_on_again_ends_the_end(store: Store) -> None:
    store.enable(1)
    store.disable(1)
    assert store.enable(1).ends_ns is None
    store.clock.now += 2 * DAY_NS
    assert store.lists.of_user(1).enabled


def test_adding_again_changes_nothing_and_taking_off_and_adding_waits_anew(store: Store) -> None:
    store.enable(1)
    number = store.add(1, "there")
    store.clock.now += DAY_NS
    again, known = store.lists.add(1, "BTC", "there", "other", DAY_NS, "::1", session=session_of(1))
    assert (again.id, again.label, known) == (number, "mine", True)
    with pytest.raises(Refusal, match="no address of yours") as caught:
        store.remove(2, number)
    assert caught.value.code is Code.UNKNOWN_ADDRESS
    store.remove(1, number)
    assert store.add(1, "there") > number
    assert store.refused(1, "BTC", "there") is Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED


def test_there_are_so_many_addresses_and_no_more(store: Store) -> None:
    for number in range(ADDRESSES_PER_USER_MAX):
        store.add(1, str(number))
    with pytest.raises(Refusal) as caught:
        store.add(1, "one more")
    assert caught.value.code is Code.TOO_MANY_ADDRESSES
    store.add(2, "one more")


def test_every_change_is_audited_in_its_transaction(store: Store) -> None:
    store.enable(1)
    store.remove(1, store.add(1, "there"))
    store.disable(1)
    store.disable(1)
    assert store.acts() == [
        AuditAct.ALLOW_LIST_ENABLED,
        AuditAct.ADDRESS_ALLOWED,
        AuditAct.ADDRESS_REMOVED,
        AuditAct.ALLOW_LIST_DISABLED,
    ]


ENDINGS = {
    "ended": "DELETE FROM sessions WHERE user_id = 1",
    "disabled": "UPDATE users SET disabled_ns = 1 WHERE id = 1",
    "another's": "UPDATE sessions SET user_id = 2 WHERE user_id = 1",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_login_that_is_none_any_more_changes_nothing(store: Store, ending: str) -> None:
    store.enable(1)
    number = store.add(1, "there")
    before, acts = store.lists.of_user(1), store.acts()
    with store.database.writing() as connection:
        connection.execute(ending)
    changes: list[Callable[[], object]] = [
        lambda: store.enable(1),
        lambda: store.disable(1),
        lambda: store.add(1, "there"),
        lambda: store.add(1, "elsewhere"),
        lambda: store.remove(1, number),
        lambda: store.remove(1, number + 1),
    ]
    for change in changes:
        with pytest.raises(Refusal) as caught:
            change()
        assert caught.value.code is Code.UNAUTHENTICATED
    assert (store.lists.of_user(1), store.acts()) == (before, acts)


def test_an_id_that_is_set_aside_leaves_no_list_to_the_next_user(tmp_path: Path) -> None:
    users = Users.open(tmp_path, Clock())
    users.complete(users.reserve("ann", "correct horse", None), 1)
    session = token_hash(users.login("ann", "correct horse").token)
    users.allow_lists.enable(1, "::1", session=session)
    users.allow_lists.add(1, "BTC", "there", "", DAY_NS, "::1", session=session)
    users.set_aside([1])
    users.complete(users.reserve("eve", "correct horse", None), 1)
    assert users.allow_lists.of_user(1).addresses == []
    assert not users.allow_lists.of_user(1).enabled
    users.close()
