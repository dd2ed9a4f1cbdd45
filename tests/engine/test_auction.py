"""Auctions and breakers on random books, held against the oracle, which tries every price and every pair of trades."""

from random import Random

import pytest

from cryptex.engine.circuit_breaker import Breaker
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.market import SCALE, CircuitBreaker
from cryptex.protocol.terms import Liquidity, MarketState, OrderType, Side
from tests.engine.pair import Pair, replayed
from tests.engine.world import ACCOUNTS, MARKET, opening

SECOND_NS = 10**9
REOPENING = c.DefineMarket("BTC", "USDT", "1", "1", "0", "0.01", "0.02", auction_duration="10s")
BREAKING = c.DefineMarket(
    "BTC", "USDT", "1", "1", "0", "0", "0", None, None, "0.04", "60s", "30s", auction_duration="10s"
)


def limit(account: int, side: Side, size: int, price: int) -> c.PlaceOrder:
    return c.PlaceOrder(account, MARKET, side, OrderType.LIMIT, size, price)


def in_auction(seed: int) -> Pair:
    """An auction with a random book, often crossed and often by own orders."""
    draw, pair = Random(seed), Pair()
    for command in opening(REOPENING, open_orders_max=100):
        pair.apply(command)
    if draw.random() < 0.7:  # a reference
        price = draw.randint(94, 106)
        pair.apply(limit(1, Side.SELL, 1, price))
        pair.apply(limit(2, Side.BUY, 1, price))
    pair.apply(c.HaltMarket(MARKET))
    pair.apply(c.ResumeMarket(MARKET))
    for _ in range(draw.randint(0, 14)):
        side = draw.choice(list(Side))
        pair.apply(limit(draw.choice(ACCOUNTS), side, draw.randint(1, 6), draw.randint(94, 106)))
    return pair


@pytest.mark.parametrize("seeds", [range(first, first + 40) for first in range(0, 320, 40)], ids=str)
def test_the_end_of_an_auction_is_what_the_oracle_finds(seeds: range) -> None:
    """The pair compares orders, trades, funds, books and the indicated price after each command."""
    for seed in seeds:
        pair = in_auction(seed)
        pair.apply(c.Tick(), 10 * SECOND_NS)
        assert pair.engine.market_state(MARKET) == (MarketState.OPEN, 0)
        assert not pair.engine.exchange.live_markets[MARKET].book.is_crossed
        fills = [event for event in pair.engine.told if isinstance(event, e.Fill)]
        assert len({fill.price_ticks for fill in fills}) <= 1
        assert all(fill.liquidity is Liquidity.TAKER for fill in fills)
        pair.finish()


def test_the_random_auctions_are_worth_something() -> None:
    ends = []
    for seed in range(80):
        pair = in_auction(seed)
        pair.apply(c.ResumeMarket(MARKET))
        ended = [event for event in pair.engine.told if isinstance(event, e.OrderEnded)]
        traded = sum(isinstance(event, e.Trade) for event in pair.engine.told)
        ends.append((traded > 1, any(event.reason == "self_trade" for event in ended)))
    assert sum(traded for traded, _ in ends) > 20
    assert sum(own for _, own in ends) > 20


def test_a_snapshot_keeps_each_state() -> None:
    """A halt by the breaker with a stop set aside, the auction after it, and the market that opened again."""
    log: list[tuple[int, c.Command]] = list(enumerate(opening(BREAKING), 1))
    stop = c.PlaceOrder(1, MARKET, Side.SELL, OrderType.STOP, 2, stop_ticks=99)
    orders = [limit(2, Side.BUY, 2, 100), limit(2, Side.BUY, 2, 95), stop, limit(3, Side.SELL, 4, 95)]
    log += [(log[-1][0] + place, order) for place, order in enumerate(orders, 1)]
    halted_ns = log[-1][0]
    log += [(halted_ns + 30 * SECOND_NS, c.Tick())]
    log += [(log[-1][0] + 1, limit(3, Side.BUY, 4, 97)), (log[-1][0] + 10 * SECOND_NS, c.Tick())]
    states: set[MarketState] = set()
    for cut in range(1, len(log) + 1):
        whole = replayed(Exchange(), log[:cut], [])
        half = load(dump(whole))
        half.check()
        assert state_hash(half) == state_hash(whole)
        assert half.next_deadline_ns() == whole.next_deadline_ns()
        if MARKET in whole.markets:
            states.add(whole.market_state(MARKET)[0])
            assert half.market_state(MARKET) == whole.market_state(MARKET)
        for time_ns, command in log[cut:]:
            assert half.apply(time_ns, command) == whole.apply(time_ns, command)
        assert dump(half) == dump(whole)
    assert states == set(MarketState)
    assert [event.order_id for event in replayed_events(log) if isinstance(event, e.OrderTriggered)] == [3]


def replayed_events(log: list[tuple[int, c.Command]]) -> list[e.Event]:
    events: list[e.Event] = []
    replayed(Exchange(), log, events)
    return events


def test_a_halt_that_waits_for_a_command_asks_for_no_tick() -> None:
    """Stops that wait in a halt are no reason to be called again and again."""
    exchange = replayed(Exchange(), list(enumerate(opening(BREAKING), 1)), [])
    now = exchange.time_ns
    for order in (limit(2, Side.BUY, 2, 100), limit(2, Side.BUY, 2, 95)):
        now += 1
        exchange.apply(now, order)
    exchange.apply(now + 1, c.PlaceOrder(1, MARKET, Side.SELL, OrderType.STOP, 2, stop_ticks=99))
    exchange.apply(now + 2, limit(3, Side.SELL, 4, 95))
    exchange.apply(now + 3, c.HaltMarket(MARKET))
    assert exchange.market_state(MARKET) == (MarketState.HALTED, 0)
    assert exchange.next_deadline_ns() is None


@pytest.mark.parametrize("seed", range(20))
def test_the_breakers_window_is_what_all_of_its_trades_say(seed: int) -> None:
    draw, window, move_e8 = Random(seed), draw_window(seed), 5_000_000
    breaker = Breaker(CircuitBreaker(move_e8, window, 1))
    seen: list[tuple[int, int]] = []
    now = 0
    for _ in range(400):
        now += draw.choice([1, SECOND_NS // 3, SECOND_NS, 4 * SECOND_NS])
        price = draw.randint(960, 1_025)
        first = now // SECOND_NS - window
        prices = [each for time_ns, each in seen if time_ns // SECOND_NS >= first]
        expected = any(abs(price - each) * SCALE > move_e8 * each for each in prices)
        assert breaker.note(now, price) == expected
        seen = [] if expected else [*seen, (now, price)]
        assert len(breaker.highs) <= window + 1
        assert len(breaker.lows) <= window + 1
        if expected:
            breaker.clear()


def draw_window(seed: int) -> int:
    return 1 + seed % 7


def test_a_thousand_own_orders_on_both_sides_are_cleared_in_a_few_passes() -> None:
    """The price is found again only after a whole pass, however many own orders that takes out."""
    exchange = Exchange()
    grants = (c.Grant("BTC", 10**9), c.Grant("USDT", 10**12))
    commands: list[c.Command] = [
        c.DefineAsset("BTC", "Bitcoin", 0),
        c.DefineAsset("USDT", "Tether", 0),
        REOPENING,
        c.OpenAccount("a", grants),
        c.HaltMarket(MARKET),
        c.ResumeMarket(MARKET),
    ]
    commands += [limit(1, Side.BUY, 1, 2_000 + price) for price in range(1_000)]
    commands += [limit(1, Side.SELL, 1, 2_000 + price) for price in range(1_000)]
    replayed(exchange, list(enumerate(commands, 1)), [])
    told = exchange.apply(exchange.time_ns + 1, c.ResumeMarket(MARKET))
    assert not any(isinstance(event, e.Trade) for event in told)
    assert not exchange.live_markets[MARKET].book.is_crossed
    exchange.check()
