"""The second factor in the users store: turned on by a code, each code once, recovery codes, and addresses known."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.store import known_addresses
from cryptex.store.known_addresses import KNOWN_NS
from cryptex.store.second_factors import RECOVERY_CODES, SETUP_NS, STEP_NS
from cryptex.store.users import Users
from tests.store.test_users import PASSWORD, FakeClock

HOME, AWAY = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock at the begin of a step."""
    clock = FakeClock()
    clock.now_ns -= clock.now_ns % STEP_NS
    return clock


@pytest.fixture
def users(tmp_path: Path, clock: FakeClock) -> Iterator[Users]:
    """Yield a store with ann (1), who has a second factor."""
    store = Users.open(tmp_path, clock)
    store.complete(store.reserve("ann", PASSWORD, None), 1)
    yield store
    store.close()


def shown(secret: str, clock: FakeClock, steps: int = 0) -> str:
    """Return what an authenticator shows, whose clock is so many steps ahead."""
    return pyotp.TOTP(secret).generate_otp(clock.now_ns // STEP_NS + steps)


def turned_on(users: Users, clock: FakeClock) -> tuple[str, list[str]]:
    """Turn ann's second factor on, and let the step of its code pass. Return secret and recovery codes."""
    secret = users.second_factors.begin(1)
    codes = users.second_factors.enable(1, shown(secret, clock))
    clock.now_ns += STEP_NS
    return secret, codes


def refused(users: Users, code: str | None) -> Code:
    """Return the problem of a login with the right password."""
    with pytest.raises(Refusal) as caught:
        users.login("ann", PASSWORD, HOME, code)
    return caught.value.code


def test_it_counts_only_once_a_code_was_confirmed(users: Users, clock: FakeClock) -> None:
    secret = users.second_factors.begin(1)
    users.login("ann", PASSWORD)
    with pytest.raises(Refusal) as caught:
        users.second_factors.enable(1, "12345")
    assert caught.value.code is Code.BAD_CODE
    codes = users.second_factors.enable(1, shown(secret, clock))
    assert len(set(codes)) == RECOVERY_CODES
    assert refused(users, None) is Code.SECOND_FACTOR_REQUIRED
    assert refused(users, "") is Code.SECOND_FACTOR_REQUIRED
    clock.now_ns += STEP_NS
    users.login("ann", PASSWORD, HOME, shown(secret, clock))


def test_a_wrong_password_does_not_tell_that_there_is_a_second_factor(users: Users, clock: FakeClock) -> None:
    secret, _ = turned_on(users, clock)
    for code in (None, shown(secret, clock)):
        with pytest.raises(Refusal) as caught:
            users.login("ann", "wrong horse", HOME, code)
        assert caught.value.code is Code.BAD_CREDENTIALS
    users.login("ann", PASSWORD, HOME, shown(secret, clock))  # the code was not used up by that


def test_a_code_counts_once_and_none_before_it_counts_later(users: Users, clock: FakeClock) -> None:
    secret, _ = turned_on(users, clock)
    before, now = shown(secret, clock, -1), shown(secret, clock)
    users.login("ann", PASSWORD, HOME, f" {now[:3]} {now[3:]} ")
    assert refused(users, now) is Code.BAD_CODE
    assert refused(users, before) is Code.BAD_CODE


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(users: Users, clock: FakeClock, steps: int, counts: bool) -> None:
    secret, _ = turned_on(users, clock)
    clock.now_ns += 5 * STEP_NS
    if counts:
        users.login("ann", PASSWORD, HOME, shown(secret, clock, steps))
    else:
        assert refused(users, shown(secret, clock, steps)) is Code.BAD_CODE


def test_a_recovery_code_counts_once_and_new_ones_end_it(users: Users, clock: FakeClock) -> None:
    _, codes = turned_on(users, clock)
    users.login("ann", PASSWORD, HOME, codes[0].upper().replace("-", " "))
    assert refused(users, codes[0]) is Code.BAD_CODE
    assert users.second_factors.of_user(1).recovery_codes_left == RECOVERY_CODES - 1
    fresh = users.second_factors.renew_recovery_codes(1)
    assert refused(users, codes[1]) is Code.BAD_CODE
    users.login("ann", PASSWORD, HOME, fresh[1])
    users.second_factors.disable(1)
    assert users.second_factors.of_user(1).recovery_codes_left == 0
    users.login("ann", PASSWORD)


def test_a_code_that_a_refused_login_gave_is_not_used_up(users: Users, clock: FakeClock) -> None:
    secret, codes = turned_on(users, clock)
    with pytest.raises(Refusal) as caught:
        users.sessions.renew(1, "no such token", users._verified(1, PASSWORD, None, "")[1], HOME, codes[0])  # type: ignore[arg-type]
    assert caught.value.code is Code.UNAUTHENTICATED
    users.login("ann", PASSWORD, HOME, codes[0])
    users.login("ann", PASSWORD, HOME, shown(secret, clock))


def test_a_secret_that_was_not_confirmed_in_time_is_none(users: Users, clock: FakeClock) -> None:
    secret = users.second_factors.begin(1)
    clock.now_ns += SETUP_NS
    with pytest.raises(Refusal) as caught:
        users.second_factors.enable(1, shown(secret, clock))
    assert caught.value.code is Code.SECOND_FACTOR_DISABLED
    first, second = users.second_factors.begin(1), users.second_factors.begin(1)
    with pytest.raises(Refusal):
        users.second_factors.enable(1, shown(first, clock))
    users.second_factors.enable(1, shown(second, clock))
    for call in (users.second_factors.begin, lambda user_id: users.second_factors.enable(user_id, "1")):
        with pytest.raises(Refusal) as caught:
            call(1)
        assert caught.value.code is Code.SECOND_FACTOR_ENABLED


def test_recovery_codes_are_kept_as_hashes(users: Users, clock: FakeClock, tmp_path: Path) -> None:
    _, codes = turned_on(users, clock)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("users.db*"))
    for code in codes:
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored


def test_an_id_that_is_set_aside_takes_no_second_factor_to_its_next_user(users: Users, clock: FakeClock) -> None:
    turned_on(users, clock)
    users.set_aside([1])
    users.complete(users.reserve("bob", PASSWORD, None), 1)
    users.login("bob", PASSWORD)
    assert not users.addresses.knows("bob", HOME)


def test_addresses_of_logins_are_known_for_a_while(
    users: Users, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.login("ann", PASSWORD, HOME)
    with pytest.raises(Refusal):
        users.login("ann", "wrong horse", AWAY)
    assert [users.addresses.knows(*each) for each in (("ann", HOME), ("ann", AWAY), ("bob", HOME))] == [
        True,
        False,
        False,
    ]
    clock.now_ns += KNOWN_NS
    assert not users.addresses.knows("ann", HOME)
    monkeypatch.setattr(known_addresses, "KNOWN_PER_USER_MAX", 2)
    for number in range(3):
        clock.now_ns += 1
        users.login("ann", PASSWORD, f"192.0.2.{number}")
    assert [users.addresses.knows("ann", f"192.0.2.{number}") for number in range(3)] == [False, True, True]
