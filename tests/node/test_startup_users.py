"""Start-up where users, log and clock do not fit each other: refused, and what --repair makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.node.clock import ManualClock
from cryptex.node.log_time import LOG_AHEAD_WARNING_NS, LogTime
from cryptex.node.startup import (
    LOG_AHEAD_MAX_NS,
    StartRefused,
    begin_epoch,
    check_log_time,
    check_strays,
    check_users,
    settle_registrations,
)
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Scope, Side
from cryptex.store.users import Users
from tests.node.house import limit, open_account
from tests.node.test_startup import ASSETS, MARKETS, Log, toml

PASSWORD = "correct horse"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Return a log with accounts 1 and 2."""
    return Log(tmp_path)


@pytest.fixture
def users(log: Log, tmp_path: Path) -> Iterator[Users]:
    """Yield a store with the users of those accounts, and bob, whose account 3 the log does not have."""
    store = Users.open(tmp_path, log.clock.now_ns)
    with store._database.writing() as connection:  # their keys are the log's
        query = "INSERT INTO users (id, username, registration_key, created_ns) VALUES (?, ?, ?, 1)"
        connection.executemany(query, [(1, "anna", "anna"), (2, "bela", "bela")])
    store.complete(store.reserve("bob", PASSWORD, None), 3)
    yield store
    store.close()


def start(log: Log, users: Users, *, repair: bool) -> None:
    """Do what a start does with users."""
    check_strays(log.state.exchange, users, repair=repair)
    settle_registrations(log.state.exchange, users)
    check_users(log.state.exchange, users, repair=repair)


def test_a_user_whose_account_the_log_lacks_is_refused_unless_set_aside(log: Log, users: Users) -> None:
    token = users.login("bob", PASSWORD).token
    secret, _ = users.api_keys.create(3, "bot", [Scope.READ], None)
    with pytest.raises(StartRefused, match=r"lacks the accounts of 1 users \(ids 3\).*journal\.db.*--repair"):
        start(log, users, repair=False)
    assert users.sessions.find(token)
    start(log, users, repair=True)
    start(log, users, repair=False)
    assert users.sessions.find(token) is None
    assert users.api_keys.find(secret) is None
    with pytest.raises(Refusal):
        users.login("bob", PASSWORD)
    key = users.reserve("carol", PASSWORD, None)
    log.do(open_account(key))
    assert users.complete(key, 3).username == "carol"
    start(log, users, repair=False)


def test_an_account_that_the_log_opened_for_another_is_not_the_users(log: Log, users: Users) -> None:
    token = users.login("bob", PASSWORD).token
    key = users.reserve("carol", PASSWORD, None)
    log.do(open_account(key))  # as an earlier build did: account 3 is carol's, but bob has the id
    with pytest.raises(StartRefused, match="account 3 belongs to another user"):
        settle_registrations(log.state.exchange, users)
    with pytest.raises(StartRefused, match=r"ids 3"):
        start(log, users, repair=False)
    start(log, users, repair=True)
    carol = users.by_id(3)
    assert carol is not None
    assert carol.username == "carol"
    assert users.sessions.find(token) is None


def test_a_reserved_id_stays_reserved_as_long_as_the_log_has_it(log: Log, users: Users) -> None:
    log.do(open_account("lost"))
    users.set_aside([3])
    users.reserve_ids([3])
    start(log, users, repair=False)
    users.reserve_ids([4])
    with pytest.raises(StartRefused, match="ids 4"):
        start(log, users, repair=False)
    start(log, users, repair=True)
    assert users.known_ids() == {1, 2, 3}


def test_a_log_that_is_far_ahead_of_the_clock_is_refused_unless_repaired(log: Log) -> None:
    exchange = log.state.exchange
    log.clock.set(exchange.time_ns - LOG_AHEAD_MAX_NS)
    check_log_time(exchange, log.clock, repair=False)
    log.clock.set(exchange.time_ns - LOG_AHEAD_MAX_NS - 1)
    with pytest.raises(StartRefused, match=r"3600 s ahead of the clock.*--repair"):
        check_log_time(exchange, log.clock, repair=False)
    check_log_time(exchange, log.clock, repair=True)
    check_log_time(Exchange(), log.clock, repair=False)


def test_a_log_that_gets_ahead_of_the_clock_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    log_time, now_ns = LogTime(clock), clock.now_ns()
    log_time.note(now_ns + LOG_AHEAD_WARNING_NS)
    assert caplog.text == ""
    for _ in range(3):
        log_time.note(now_ns + 2 * LOG_AHEAD_WARNING_NS)
    assert caplog.text.count("2.0 s ahead of the clock") == 1
    log_time.note(now_ns)
    log_time.note(now_ns + 3 * LOG_AHEAD_WARNING_NS)
    assert caplog.text.count("ahead of the clock") == 2


def test_a_refused_start_changes_nothing(log: Log, tmp_path: Path) -> None:
    log.do(limit(1, Side.SELL, 1000))  # so the tick can not change; the names and limits could
    before, journaled = state_hash(log.state.exchange), log.journal.last_sequence
    wanted = toml(
        tmp_path,
        "[limits]\nopen_orders_per_market = 7\n"
        + ASSETS.replace('"Bitcoin"', '"Gold"')
        + MARKETS.replace('"0.01"', '"0.1"'),
    )
    with pytest.raises(StartRefused, match="tick_size of BTC-USDT"):
        begin_epoch(log.state, log.journal, log.clock, wanted)
    assert (state_hash(log.state.exchange), log.journal.last_sequence) == (before, journaled)
