"""Start-up: the state from snapshot and log, poison, the settings, and the users."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node.clock import ManualClock
from cryptex.node.replay import State
from cryptex.node.settings import Settings, load_settings
from cryptex.node.startup import (
    VOIDS_PER_START_MAX,
    StartRefused,
    begin_epoch,
    check_users,
    recover,
    settings_changes,
    settle_registrations,
)
from cryptex.protocol.codec import decode_batch
from cryptex.protocol.commands import Command, DefineMarket, Deposit, HaltMarket, ResumeMarket, Stamped
from cryptex.protocol.market import CircuitBreaker
from cryptex.protocol.terms import EngineLimit, MarketState, Side
from cryptex.store.journal import Journal, JournalUnavailable, MemoryJournal
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.users import Users
from tests.node.house import MARKET, FailingJournal, configured, empty_state, limit, open_account, settings


class Log:
    """A journal with a clock, snapshots and a state that follows it."""

    def __init__(self, folder: Path, journal: Journal | None = None) -> None:
        self.clock = ManualClock()
        self.snapshots = SnapshotStore(folder)
        self.journal = journal or MemoryJournal(rules_version=RULES_VERSION)
        self.state = configured(self.journal, self.clock)
        self.do(open_account("anna"), open_account("bela"))

    def do(self, *commands: Command) -> None:
        """Journal and apply a batch."""
        exchange = self.state.exchange
        time_ns = max(self.clock.now_ns(), exchange.time_ns + 1)
        stamped = [Stamped(time_ns + offset, command) for offset, command in enumerate(commands)]
        self.journal.append(stamped)
        for each in stamped:
            exchange.apply(each.time_ns, each.command)

    def trade(self, times: int = 3) -> None:
        """Let the accounts trade."""
        for _ in range(times):
            self.do(limit(1, Side.SELL, 1000), limit(2, Side.BUY, 1000))

    def snapshot(self, **changes: Any) -> None:
        """Save a snapshot of the state as it is."""
        snapshot = self.state.snapshot(self.journal.last_hash)
        self.snapshots.save(msgspec.structs.replace(snapshot, **changes))

    def recovered(self) -> State:
        """Return the state as a start finds it."""
        return recover(self.journal, self.snapshots, self.clock)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """Commands applied from now on; a deposit with the reference `poison...` breaks the exchange."""
    commands: list[Command] = []
    real = Exchange.apply

    def apply(self: Exchange, time_ns: int, command: Command) -> list[Any]:
        commands.append(command)
        if isinstance(command, Deposit) and command.reference.startswith("poison"):
            raise InvariantBroken("the books do not add up")
        return real(self, time_ns, command)

    monkeypatch.setattr(Exchange, "apply", apply)
    return commands


def test_the_state_is_a_function_of_the_log(log: Log) -> None:
    log.trade()
    recovered = log.recovered()
    assert state_hash(recovered.exchange) == state_hash(log.state.exchange)
    assert len(recovered.market_data.trades(MARKET, 10)) == 3
    assert len(recovered.recent.closed_orders(1)) == 3


def test_a_snapshot_and_the_tail_make_the_same_state_as_the_whole_log(log: Log, applied: list[Command]) -> None:
    log.trade()
    log.state = log.recovered()
    log.snapshot()
    log.trade(2)
    whole = len(applied)
    applied.clear()
    recovered = log.recovered()
    assert len(applied) == 4 < whole
    assert state_hash(recovered.exchange) == state_hash(log.state.exchange)
    assert len(recovered.market_data.trades(MARKET, 10)) == 5
    assert len(recovered.recent.closed_orders(1)) == 5
    assert len(recovered.recent.fills(2)) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_hash": bytes(32)},
        {"state_hash": "0" * 64},
        {"engine": b"nonsense"},
        {"market_data": b"nonsense"},
        {"rules_version": RULES_VERSION + 1},
        {"sequence": 10**6},
    ],
)
def test_a_snapshot_that_does_not_fit_is_passed_over(log: Log, changes: dict[str, Any]) -> None:
    log.snapshot()
    log.trade(1)
    log.snapshot(**changes)
    log.trade(1)
    assert state_hash(log.recovered().exchange) == state_hash(log.state.exchange)


def test_a_log_of_other_rules_is_not_replayed(tmp_path: Path) -> None:
    log = Log(tmp_path, MemoryJournal(rules_version=RULES_VERSION + 1))
    with pytest.raises(StartRefused, match=f"has rules version {RULES_VERSION + 1}"):
        log.recovered()
    log.snapshot()
    assert state_hash(log.recovered().exchange) == state_hash(log.state.exchange), "a snapshot at the end will do"
    log.trade(1)
    with pytest.raises(StartRefused, match="rules version"):
        log.recovered()


def test_a_log_from_before_market_states_is_replayed(tmp_path: Path) -> None:
    """Its commands lack fields that came later, and its snapshots are passed over."""
    log = Log(tmp_path, MemoryJournal(rules_version=1))
    log.trade()
    log.snapshot(rules_version=1)
    log.trade()
    assert state_hash(log.recovered().exchange) == state_hash(log.state.exchange)
    old = ["market", "BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001", None, None]
    (stamped,) = decode_batch(msgspec.msgpack.encode([[7, old]]))
    assert stamped.command == DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.001", "0.001")


def test_a_halt_outlives_the_node_and_goes_on(log: Log) -> None:
    log.do(HaltMarket(MARKET, 10**9))
    log.snapshot()
    recovered = log.recovered().exchange
    assert recovered.market_state(MARKET) == (MarketState.HALTED, log.state.exchange.time_ns + 10**9)
    assert recovered.next_deadline_ns() == log.state.exchange.time_ns + 10**9
    log.do(ResumeMarket(MARKET))
    assert log.recovered().exchange.market_state(MARKET) == (MarketState.OPEN, 0)


def test_poison_is_voided_and_the_replay_begins_again_from_the_snapshot(log: Log, applied: list[Command]) -> None:
    log.snapshot()
    log.trade(1)
    before = log.state.exchange.sequence
    poison = Deposit(1, "BTC", 1, "poison")
    log.journal.append([Stamped(log.journal.last_time_ns + 1, poison)])
    log.journal.append([Stamped(log.journal.last_time_ns + 1, limit(1, Side.SELL, 1000))])
    applied.clear()
    recovered = log.recovered()
    assert log.journal.voids() == {before + 1}
    assert applied.count(poison) == 1
    assert recovered.exchange.sequence == before + 3
    assert len(recovered.exchange.open_orders(1)) == 1
    assert state_hash(log.recovered().exchange) == state_hash(recovered.exchange)


@pytest.mark.parametrize("poisons", [VOIDS_PER_START_MAX, VOIDS_PER_START_MAX + 1])
def test_at_most_three_commands_are_voided_a_start(log: Log, applied: list[Command], poisons: int) -> None:
    for number in range(poisons):
        log.journal.append([Stamped(log.journal.last_time_ns + 1, Deposit(1, "BTC", 1, f"poison{number}"))])
    if poisons <= VOIDS_PER_START_MAX:
        log.recovered()
    else:
        with pytest.raises(StartRefused, match="after 3 others"):
            log.recovered()
    assert len(log.journal.voids()) == VOIDS_PER_START_MAX


def test_faults_of_the_machine_are_never_voided(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def apply(self: Exchange, time_ns: int, command: Command) -> list[Any]:
        raise MemoryError

    monkeypatch.setattr(Exchange, "apply", apply)
    with pytest.raises(MemoryError):
        log.recovered()
    assert log.journal.voids() == frozenset()


def test_a_broken_state_is_not_served(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(self: Exchange) -> None:
        raise InvariantBroken("the books do not add up")

    monkeypatch.setattr(Exchange, "check", check)
    with pytest.raises(StartRefused, match="do not add up"):
        log.recovered()


def configure(log: Log, wanted: Settings) -> None:
    begin_epoch(log.state, log.journal, log.clock, wanted)


def toml(tmp_path: Path, text: str) -> Settings:
    config = tmp_path / "node.toml"
    config.write_text(text)
    return load_settings(config, data_dir=tmp_path)


ASSETS = """
[[assets]]
symbol = "BTC"
name = "Bitcoin"
[[assets]]
symbol = "USDT"
name = "Tether"
"""
MARKETS = """
[[markets]]
symbol = "BTC-USDT"
tick_size = "0.01"
lot_size = "0.00001"
min_notional = "5"
"""


def test_every_start_begins_an_epoch_and_journals_only_what_changed(log: Log) -> None:
    before = log.state.exchange.sequence
    configure(log, settings())
    assert log.state.exchange.epoch == 2
    assert log.state.exchange.sequence == before + 1
    assert list(settings_changes(settings(), log.state.exchange)) == []
    assert state_hash(log.recovered().exchange) == state_hash(log.state.exchange)


def test_a_breaker_in_the_settings_is_journaled_once_and_a_halted_market_stays_halted(log: Log, tmp_path: Path) -> None:
    log.do(HaltMarket(MARKET))
    breaker = 'halt_move = "0.1"\nhalt_window = "60s"\nhalt_duration = "30s"\nauction_duration = "1m"\n'
    wanted = toml(tmp_path, ASSETS + MARKETS + breaker)
    configure(log, wanted)
    exchange = log.state.exchange
    assert exchange.markets[MARKET].breaker == CircuitBreaker(10_000_000, 60, 30 * 10**9)
    assert exchange.markets[MARKET].auction_duration_ns == 60 * 10**9
    assert exchange.market_state(MARKET) == (MarketState.HALTED, 0)
    assert list(settings_changes(wanted, exchange)) == []
    configure(log, toml(tmp_path, ASSETS + MARKETS))
    assert exchange.markets[MARKET].breaker is None
    assert state_hash(log.recovered().exchange) == state_hash(exchange)


def test_new_settings_are_journaled(log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    wanted = toml(
        tmp_path,
        "[limits]\nopen_orders_per_market = 7\n"
        + ASSETS.replace("Tether", "Tether USD")
        + '[[assets]]\nsymbol = "EUR"\ndecimals = 2\n'
        + MARKETS
        + 'taker_fee = "0.002"\n',
    )
    configure(log, wanted)
    exchange = log.state.exchange
    assert exchange.assets["USDT"].name == "Tether USD"
    assert exchange.assets["EUR"].name == "EUR"
    assert exchange.markets[MARKET].taker_fee_e8 == 200_000
    assert exchange.limits[EngineLimit.OPEN_ORDERS_PER_MARKET] == 7
    assert "market ETH-BTC is not in the settings" in caplog.text
    assert list(settings_changes(wanted, exchange)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ASSETS.replace('"Bitcoin"', '"Bitcoin"\ndecimals = 6') + MARKETS, "assets.BTC.decimals: decimals of BTC"),
        (ASSETS + MARKETS.replace('"0.01"', '"0.1"'), "markets.BTC-USDT.tick_size: tick_size of BTC-USDT"),
    ],
)
def test_what_the_engine_refuses_stops_the_start_and_names_the_key(
    log: Log, tmp_path: Path, text: str, message: str
) -> None:
    log.do(limit(1, Side.SELL, 1000))
    with pytest.raises(StartRefused, match=message):
        configure(log, toml(tmp_path, text))


def test_other_steps_are_taken_over_while_no_order_is_open(log: Log, tmp_path: Path) -> None:
    log.trade(1)
    log.state = log.recovered()
    configure(log, toml(tmp_path, ASSETS + MARKETS.replace('"0.01"', '"0.1"')))
    assert log.state.market_data.trades(MARKET, 10) == []
    assert log.state.recent.closed_orders(1) == []


def test_a_journal_that_can_not_be_written_refuses_the_start() -> None:
    with pytest.raises(StartRefused, match="the disk is full"):
        begin_epoch(empty_state(), FailingJournal(JournalUnavailable("the disk is full")), ManualClock(), settings())


def test_registrations_are_finished_or_released(log: Log, tmp_path: Path) -> None:
    users = Users.open(tmp_path, log.clock.now_ns)
    try:
        opened = users.reserve("carla", "correct horse", None)
        users.reserve("dora", "correct horse", None)
        log.do(open_account(opened))
        settle_registrations(log.state.exchange, users)
        assert users.pending() == []
        found = users.by_id(3)
        assert found is not None
        assert found.username == "carla"
        users.reserve("dora", "correct horse", None)
    finally:
        users.close()


def test_a_users_store_that_lacks_an_account_is_refused_unless_repaired(log: Log, tmp_path: Path) -> None:
    users = Users.open(tmp_path, log.clock.now_ns)
    try:
        with pytest.raises(StartRefused, match=r"lacks 2 users .*\(ids 1, 2\).*--repair"):
            check_users(log.state.exchange, users, repair=False)
        check_users(log.state.exchange, users, repair=True)
        check_users(log.state.exchange, users, repair=False)
    finally:
        users.close()
