"""Guessing at one account: new addresses wait longer and longer, known ones do not, and nobody waits for good."""

from pathlib import Path

import pytest

from cryptex.node import guesses as module
from cryptex.node.guesses import FAILURES_FREE, TURNS_MAX, WAIT_MAX_S, Guesses
from cryptex.node.settings_file import LimitSettings
from cryptex.store import passwords
from cryptex.store import users as users_module
from tests.node.edge import PASSWORD, Edge, edge

SECOND_NS = 10**9
MINE = "192.0.2.1"


def failed(guesses: Guesses, times: int, now_ns: int = 0) -> None:
    """Fail so many times."""
    for _ in range(times):
        guesses.failed("ann", now_ns)


def test_nobody_waits_before_there_were_many_failures() -> None:
    guesses = Guesses()
    failed(guesses, FAILURES_FREE)
    assert guesses.wait_s("ann", MINE, 0) == 0
    failed(guesses, 1)
    assert guesses.wait_s("ann", MINE, 0) == 2
    assert guesses.wait_s("bob", MINE, 0) == 0


def test_the_wait_grows_to_a_bound() -> None:
    waits = []
    for more in range(1, 15):
        guesses = Guesses()
        failed(guesses, FAILURES_FREE + more)
        waits.append(guesses.wait_s("ann", MINE, 0))
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == waits[-1] == WAIT_MAX_S


def test_a_wait_ends_whatever_others_do_and_lets_one_attempt_through() -> None:
    guesses = Guesses()
    failed(guesses, FAILURES_FREE + 3)
    assert guesses.wait_s("ann", MINE, 0) == 8
    for second in range(1, 8):
        failed(guesses, 100, second * SECOND_NS)
        for other in range(100):
            assert guesses.wait_s("ann", f"198.51.100.{other}", second * SECOND_NS)
        assert guesses.wait_s("ann", MINE, second * SECOND_NS) == 8 - second
    assert guesses.wait_s("ann", MINE, 8 * SECOND_NS) == 0
    assert guesses.wait_s("ann", MINE, 8 * SECOND_NS) == WAIT_MAX_S


def test_failures_are_forgotten() -> None:
    guesses = Guesses()
    failed(guesses, 1000)
    assert guesses.crowded("ann", 0)
    assert not guesses.crowded("ann", 15 * 60 * SECOND_NS)


def test_a_clock_that_is_set_back_prolongs_no_wait() -> None:
    guesses = Guesses()
    failed(guesses, 1000, 10**15)
    assert guesses.wait_s("ann", MINE, 10**15) == WAIT_MAX_S
    assert guesses.wait_s("ann", MINE, 0) == WAIT_MAX_S


def test_memory_is_bounded() -> None:
    guesses = Guesses()
    failed(guesses, 100)
    for number in range(TURNS_MAX + 1):
        guesses.wait_s("ann", str(number), 0)
    assert len(guesses._turns) == TURNS_MAX
    for number in range(module.NAMES_MAX + 1):
        guesses.failed(str(number), 0)
    assert len(guesses._failures) == module.NAMES_MAX


LOGIN = {"username": "ann", "password": PASSWORD}
LIMITS = LimitSettings(commands_per_second=0, logins_per_minute=10)


async def guess(node: Edge, name: str) -> list[tuple[int, str]]:
    """Guess at a name from many addresses, without hashing."""
    wrong = {"username": name, "password": "wrong horse"}
    return [await node.refused("POST", "/sessions", wrong, client=f"198.51.100.{each}") for each in range(25)]


async def test_a_crowd_of_guessers_keeps_out_neither_the_user_at_home_nor_for_good_the_one_abroad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with edge(tmp_path, limits=LIMITS) as node:
        await node.user("ann")
        monkeypatch.setattr(users_module, "verify_password", lambda stored, given: bool(stored) and given == PASSWORD)
        for name in ("ann", "nobody"):
            told = await guess(node, name)
            assert told[:20] == [(401, "bad_credentials")] * 20
            assert told[-1] == (429, "rate_limited"), name
        await node.post("/sessions", LOGIN)  # from where ann has registered
        abroad = await node.ask("POST", "/sessions", LOGIN, client=MINE)
        assert (abroad.status, abroad.json()["code"]) == (429, "rate_limited")
        node.clock.advance(abroad.json()["retry_after"])
        assert (await node.ask("POST", "/sessions", LOGIN, client=MINE)).status == 201
        assert (await node.ask("POST", "/sessions", LOGIN, client=MINE)).status == 201  # known by now


async def test_unknown_names_cost_the_same_work_and_hear_the_same(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of machines under test tell little; that the same is done tells that times are alike."""
    await node.user("ann")
    node.core.users.reserve_ids([77])
    work: list[tuple[bool, str]] = []
    verify = passwords.verify_password

    def counted(stored_hash: str | None, password: str) -> bool:
        work.append((verify(stored_hash, password), password))
        return work[-1][0]

    monkeypatch.setattr(users_module, "verify_password", counted)
    heard = set()
    for name in ("ann", "nobody", "#77", "x" * 128, "\u00e9"):
        answer = await node.ask("POST", "/sessions", {"username": name, "password": "wrong horse", "code": "123456"})
        heard.add((answer.status, answer.body, tuple(sorted(answer.headers.items()))))
    assert len(heard) == 1
    assert work == [(False, "wrong horse")] * 5


def test_a_name_that_is_unknown_is_checked_against_a_hash_of_the_same_cost() -> None:
    dummy, real = passwords._dummy_hash(), passwords.hash_password("any password")
    assert dummy.rsplit("$", 2)[0] == real.rsplit("$", 2)[0]
