"""The bound on what is ahead of an own order: what it says, and that it never lies."""

from random import Random

import pytest

from cryptex.protocol import commands as c
from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from tests.engine.world import MARKET
from tests.tui.ladder.told import ME, Told

OTHER, THIRD = 2, 3
SEEDS = 20


def limit(account: int, side: Side, price: int, size: int, **said: object) -> c.PlaceOrder:
    return c.PlaceOrder(account, MARKET, side, OrderType.LIMIT, size, price, **said)  # type: ignore[arg-type]


def buy(account: int, size: int, price: int = 100) -> c.PlaceOrder:
    return limit(account, Side.BUY, price, size)


def sell(account: int, size: int, price: int = 100) -> c.PlaceOrder:
    return limit(account, Side.SELL, price, size)


def told(*batches: c.Command) -> Told:
    """Return the fold after commands, each a batch and a frame of its own."""
    made = Told()
    for command in batches:
        made.batch(command, after_ns=1_000_000)
        made.deliver()
        made.fold()
        made.check()
    return made


def test_what_rests_at_first_sight_is_ahead() -> None:
    assert told(buy(OTHER, 5), buy(THIRD, 2), buy(ME, 3)).ahead() == ["7"]


def test_what_comes_later_stands_behind() -> None:
    assert told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 9)).ahead() == ["5"]


def test_an_empty_level_is_the_front() -> None:
    assert told(buy(ME, 3)).ahead() == ["0"]


def test_trades_take_from_the_front() -> None:
    assert told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 9), sell(THIRD, 2)).ahead() == ["3"]


def test_trades_at_other_prices_do_not() -> None:
    assert told(buy(OTHER, 5), buy(ME, 3), buy(OTHER, 2, 101), sell(THIRD, 2)).ahead() == ["5"]


def test_cancels_lower_the_level_and_so_the_bound() -> None:
    """Whoever left may have been ahead or behind: the bound is what the level can still hold."""
    made = told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 1))
    made.batch(c.CancelOrder(OTHER, 1))
    made.deliver()
    made.fold()
    assert made.ahead() == ["1"]


def test_a_fill_says_that_one_is_at_the_front() -> None:
    assert told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 9), sell(THIRD, 6)).ahead() == ["0"]


def test_of_several_own_orders_the_later_is_behind() -> None:
    assert told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 4), buy(ME, 2)).ahead() == ["5", "12"]


def test_two_own_orders_seen_at_once_are_told_apart_by_their_times() -> None:
    made = Told()
    made.batch(buy(OTHER, 5), buy(ME, 3), buy(ME, 2), after_ns=1_000_000)
    made.deliver()
    made.fold()
    assert made.ahead() == ["5", "8"]


def test_a_smaller_size_keeps_the_place_and_a_larger_goes_to_the_tail() -> None:
    before = (buy(OTHER, 5), buy(ME, 3), buy(THIRD, 4))
    assert told(*before, c.AmendOrder(ME, 2, size_lots=2)).ahead() == ["5"]
    assert told(*before, c.AmendOrder(ME, 2, size_lots=4)).ahead() == ["9"]
    assert told(*before, c.AmendOrder(ME, 2, price_ticks=101)).ahead() == ["0"]


def test_a_price_that_is_out_of_view_is_unknown() -> None:
    others = [buy(OTHER, 1, price) for price in range(101, 127)]
    assert told(*others, buy(ME, 1)).ahead() == [None]


def test_trades_of_an_auction_count_for_nothing() -> None:
    """It trades at 100 with the bid at 102 first, so that only two of the six are with those who bid 100."""
    made = told(
        buy(OTHER, 5),
        buy(ME, 3),
        buy(THIRD, 9),
        c.HaltMarket(MARKET),
        c.ResumeMarket(MARKET),
        buy(OTHER, 4, 101),
        sell(THIRD, 6, 100),
        c.ResumeMarket(MARKET),
    )
    assert [(trade.price, trade.size) for trade in made.known.trades] == [(100, 2), (100, 4)]
    assert made.ahead() == ["5"]
    made.batch(sell(THIRD, 2), after_ns=1_000_000)
    made.deliver()
    made.fold()
    assert made.ahead() == ["3"]


def test_a_trade_told_after_the_book_that_knows_of_it_counts_once() -> None:
    """As after a lost connection, where each channel catches up for itself."""
    made = told(buy(OTHER, 5), buy(ME, 3))
    before = list(made.known.trades)
    made.batch(sell(THIRD, 2), after_ns=1_000_000)
    made.deliver()
    after, made.known.trades = made.known.trades, before
    made.fold()
    assert made.ahead() == ["3"]
    made.known.trades = after
    made.fold()
    assert made.ahead() == ["3"]


def test_an_order_that_changed_though_it_looks_the_same_lost_its_place() -> None:
    made = told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 4))
    made.batch(c.AmendOrder(ME, 2, price_ticks=99), c.AmendOrder(ME, 2, price_ticks=100))
    made.deliver()
    made.fold()
    assert made.ahead() == ["9"]


def test_out_of_touch_trades_count_again_from_when_the_market_says_that_it_is_open() -> None:
    made = told(buy(OTHER, 5), buy(ME, 3), buy(THIRD, 4))
    made.batch(sell(THIRD, 2), after_ns=1_000_000)
    made.deliver()
    made.lose_touch()
    made.fold()
    assert made.ahead() == ["5"]
    made.batch(sell(THIRD, 2), after_ns=1_000_000)
    made.deliver()
    made.fold()
    assert made.ahead() == ["3"]


class Crowd:
    """Random trading at a few prices, in batches whose messages arrive and are folded at any moment."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.told = Told()
        self.bounded = 0

    def run(self, steps: int) -> None:
        for _ in range(steps):
            if self.chance.random() < 0.4:
                self.told.batch(
                    *(self.command() for _ in range(self.chance.choice([1, 1, 2, 4]))), after_ns=self.pause()
                )
            else:
                self.told.deliver(self.chance.randint(1, 6))
                if self.chance.random() < 0.6:
                    self.told.fold()
                    self.told.check()
                    self.bounded += sum(place.ahead is not None for place in self.told.places)

    def command(self) -> c.Command:
        chance = self.chance
        kind = chance.choices(["limit", "take", "stop", "cancel", "amend", "state"], [60, 8, 3, 12, 15, 4])[0]
        account, side = chance.choice([ME, OTHER, THIRD]), chance.choice(list(Side))
        price, size = chance.randint(*((99, 100) if side is Side.BUY else (100, 101))), chance.randint(1, 6)
        found = [(a, o.order_id) for a in (ME, ME, OTHER) for o in self.told.exchange.open_orders(a)]
        if kind == "state":
            return c.HaltMarket(MARKET) if chance.random() < 0.2 else c.ResumeMarket(MARKET)
        if kind == "stop":
            stop = chance.randint(99, 101)
            return c.PlaceOrder(ME, MARKET, side, OrderType.STOP_LIMIT, size, price, stop_ticks=stop)
        if kind == "cancel" and found:
            return c.CancelOrder(*chance.choice(found))
        found = [(a, i) for a, i in found if i not in self.told.amended]
        if kind == "amend" and found:
            return self.amend(*chance.choice(found), price, size)
        mode = chance.choice(list(SelfTradePrevention))
        tif = TimeInForce.IOC if kind == "take" else TimeInForce.GTC
        return limit(account, side, price, size, self_trade_prevention=mode, time_in_force=tif)

    def amend(self, account: int, order_id: int, price: int, size: int) -> c.Command:
        self.told.amended.add(order_id)
        parts = self.chance.randint(1, 3)
        return c.AmendOrder(account, order_id, price if parts & 1 else 0, size if parts & 2 else 0)

    def pause(self) -> int:
        return self.chance.choice([1, 700, 1_000_000])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_bound_never_lies(seed: int) -> None:
    crowd = Crowd(seed)
    crowd.run(300)
    assert crowd.bounded > 100
