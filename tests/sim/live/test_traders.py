"""Simulated traders on a node: its markets live, its log says all of it, and nothing of it troubles the node."""

import logging
from pathlib import Path

import pytest

from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node.clock import ManualClock
from cryptex.node.startup import StartRefused, recover
from cryptex.node.verify import verify
from cryptex.protocol.commands import Command, Grant, OpenAccount, PlaceOrder, Withdraw
from cryptex.protocol.events import CommandRejected
from cryptex.protocol.terms import AMOUNT_LIMIT, BOT_ACCOUNTS_START, NANOSECONDS_PER_SECOND, MarketState
from cryptex.sim.agents.noise import NoiseTrader
from cryptex.sim.cast import Cast
from cryptex.sim.context import Context
from cryptex.sim.live import traders as traders_module
from cryptex.store.journal import SqliteJournal
from cryptex.store.snapshots import SnapshotStore
from tests.node.test_core import running
from tests.sim.live.house import PAST_S, Market, settings_in, simulated, small

MARKETS = ("BTC-USDT", "ETH-USDT", "SOL-USDT", "ETH-BTC")


def commands(folder: Path) -> list[tuple[int, Command]]:
    """Return what a folder's journal holds, with log times."""
    journal = SqliteJournal.open(folder, rules_version=RULES_VERSION)
    try:
        return [(each.time_ns, each.command) for batch in journal.replay(0) for each in batch.commands]
    finally:
        journal.close()


def bots(market: Market) -> list[int]:
    """Return the accounts of all simulated traders."""
    return [each for each in market.core.exchange.accounts_by.by_id if each >= BOT_ACCOUNTS_START]


async def test_a_new_node_has_a_past_and_goes_on_from_there(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        core, now_ns = market.core, market.clock.now_ns()
        for symbol, low, high in zip(MARKETS, (59_000, 2_900, 145, 0.048), (61_000, 3_100, 155, 0.052), strict=True):
            definition = core.exchange.definition(symbol)
            bids, asks = core.exchange.depth(symbol, 5)
            assert len(bids) == len(asks) == 5, symbol
            assert low < float(definition.price_text(core.exchange.last_price_ticks(symbol) or 0)) < high
            candles = core.market_data.candles(symbol, "1m", 100)  # type: ignore[arg-type]
            assert sum(candle.trades for candle in candles) > 20, symbol
            last_trade_ns = core.market_data._markets[symbol].trades[-1][1]
            assert now_ns - 30 * NANOSECONDS_PER_SECOND < last_trade_ns <= now_ns
        assert core.exchange.time_ns <= now_ns
        before = [len(core.market_data.trades(symbol, 1000)) for symbol in MARKETS]
        await market.run(20)
        after = [len(core.market_data.trades(symbol, 1000)) for symbol in MARKETS]
        assert all(old < new for old, new in zip(before, after, strict=True))
        assert core.exchange.time_ns > now_ns
        assert set(market.funds().values()) == {0}
        assert market.traders.simulation.seed == 7


class MovingClock(ManualClock):
    """Time goes on by a microsecond with every look at it, as it does while a past is made."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def now_ns(self) -> int:
        """Return the time, which has moved."""
        self.looks += 1
        self.set(super().now_ns() + 1_000)
        return super().now_ns()


async def test_a_past_does_not_chase_the_clock_that_moves_on_while_it_is_made(tmp_path: Path) -> None:
    clock = MovingClock()
    async with simulated(settings_in(tmp_path), small(), clock=clock) as market:
        assert clock.looks < 1_000, "a look a batch, and not one for each microsecond that is left"
        assert market.core.exchange.time_ns <= clock.now_ns()


async def test_the_log_alone_leads_to_the_same_state(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        await market.run(5)
        core = market.core
        market.traders.stop()
        await market.settled()
        core.exchange.check()
        before = state_hash(core.exchange)
    journal = SqliteJournal.open(tmp_path, rules_version=RULES_VERSION)
    try:
        replayed = recover(journal, SnapshotStore(tmp_path / "no snapshots"), ManualClock())
    finally:
        journal.close()
    assert state_hash(replayed.exchange) == before
    broken = [each.check for each in verify(tmp_path, lambda _done, _of: None) if not each.ok]
    assert broken in ([], ["history"]), "a busy machine's follower is behind, and catches up at the next start"


async def test_a_seed_gives_the_same_past_again_and_another_does_not(tmp_path: Path) -> None:
    logs = []
    for number, seed in enumerate((7, 7, 8)):
        folder = tmp_path / str(number)
        async with simulated(settings_in(folder), small(), seed):
            pass
        logs.append(commands(folder))
    assert len(logs[0]) > 1_000
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]


async def test_a_restart_finds_the_same_accounts_and_begins_with_an_empty_book(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        clock, first = market.clock, bots(market)
        last = market.core.exchange.last_price_ticks("BTC-USDT") or 0
        assert market.core.exchange.depth("BTC-USDT", 1)[0]
    clock.advance(3600)
    async with simulated(settings_in(tmp_path), small("volatile"), clock=clock) as market:
        core = market.core
        assert core.epoch == 2
        assert bots(market)[: len(first)] == first
        assert len(bots(market)) == len(first) + 3 * len(MARKETS) + len(MARKETS), "momentum traders, and a whale each"
        assert core.exchange.depth("BTC-USDT", 1) == ([], [])
        await market.run(5)
        bids, asks = core.exchange.depth("BTC-USDT", 3)
        assert abs(bids[0][0] / last - 1) < 0.01
        assert abs(asks[0][0] / last - 1) < 0.01
        assert set(market.funds().values()) == {0}
    opened = [command for _, command in commands(tmp_path) if isinstance(command, OpenAccount)]
    assert len(opened) == len({each.registration_key for each in opened}), "nobody was funded twice"
    assert all(each.bot for each in opened)


async def test_a_start_without_traders_leaves_none_of_their_orders(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        clock = market.clock
    async with running(settings_in(tmp_path), clock=clock) as core:
        assert all(core.exchange.depth(symbol, 1) == ([], []) for symbol in MARKETS)
        assert core.companion is None


async def test_who_runs_low_is_filled_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traders_module, "FUNDS_CHECK_NS", (PAST_S + 5) * NANOSECONDS_PER_SECOND)
    async with simulated(settings_in(tmp_path), small()) as market:
        core, poor = market.core, bots(market)[0]
        available, held = core.exchange.balance(poor, "USDT")
        reply = await core.sequencer.submit(Withdraw(poor, "USDT", available, "elsewhere"))
        assert not isinstance(reply.answer, CommandRejected)
        assert sum(core.exchange.balance(poor, "USDT")) < (available + held) / 2
        await market.run(7, step_s=0.5)
        assert sum(core.exchange.balance(poor, "USDT")) > (available + held) / 2
        assert set(market.funds().values()) == {0}


async def test_traders_who_can_not_be_funded_refuse_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traders_module, "FUNDS_UNITS_MAX", AMOUNT_LIMIT * 1000)
    monkeypatch.setattr(Cast, "grants", lambda *_: (Grant("BTC", AMOUNT_LIMIT - 1),))
    with pytest.raises(StartRefused, match=r"can not be funded: .* beyond what the exchange can count"):
        async with simulated(settings_in(tmp_path), small()):
            pass


async def test_a_bot_that_fails_is_out_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[Context] = []

    def fail(_bot: NoiseTrader, ctx: Context, _name: str) -> None:
        failed.append(ctx)
        raise ZeroDivisionError("a bot's own fault")

    monkeypatch.setattr(NoiseTrader, "on_timer", fail)
    with caplog.at_level(logging.ERROR):
        async with simulated(settings_in(tmp_path), small()) as market:
            before = market.core.exchange.sequence
            await market.run(5)
            assert market.core.exchange.sequence > before
            assert not market.core.failed.is_set()
    assert all(ctx.stopped for ctx in failed)
    assert 4 <= len(failed) == len({id(ctx) for ctx in failed}) <= 4 * len(MARKETS), "each of them once"
    assert caplog.text.count("it trades no more") == len(failed)


async def test_events_of_a_scenario_happen_on_the_node(tmp_path: Path) -> None:
    events = "events=[{at='61s', kind='news', move_bps=-300, text='x'}, {at='70s', kind='halt', duration='5s'}]"
    async with simulated(settings_in(tmp_path), small("calm", events)) as market:
        before = market.core.exchange.last_price_ticks("BTC-USDT") or 0
        await market.run(9)
        assert (market.core.exchange.last_price_ticks("BTC-USDT") or 0) / before < 0.99
        assert market.core.exchange.market_state("BTC-USDT")[0] is MarketState.OPEN
        await market.run(2)
        assert market.core.exchange.market_state("BTC-USDT")[0] is MarketState.HALTED
        await market.run(5)
        assert market.core.exchange.market_state("BTC-USDT")[0] is MarketState.OPEN


async def test_orders_of_traders_expire_at_the_time_that_they_meant(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        await market.run(2)
        market.traders.stop()
        await market.settled()
        now_ns = market.clock.now_ns() - NANOSECONDS_PER_SECOND  # the sequencer ends them a moment later
        orders = market.core.exchange.orders.live.values()
        expiring = [order.request.expires_ns for order in orders if order.request.expires_ns]
        assert len(expiring) > 20
        assert all(now_ns < each < now_ns + 3600 * NANOSECONDS_PER_SECOND for each in expiring)
        assert all(order.request.connection_id == -order.account_id for order in orders)


async def test_a_stop_is_the_end_of_it(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        await market.run(1)
        market.traders.stop()
        await market.settled()
        placed = [type(command) for _, command in _tail(market)]
        market.clock.advance(60)
        await market.settled()
        assert [type(command) for _, command in _tail(market)].count(PlaceOrder) == placed.count(PlaceOrder)


def _tail(market: Market) -> list[tuple[int, Command]]:
    return [(each.time_ns, each.command) for batch in market.core.journal.replay(0) for each in batch.commands]


async def test_a_node_that_stops_refuses_their_orders_and_they_bear_it(tmp_path: Path) -> None:
    async with simulated(settings_in(tmp_path), small()) as market:
        await market.core.sequencer.stop()
        market.clock.advance(2)
        assert market.traders._pacer.running
