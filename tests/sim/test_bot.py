"""A bot's context at the local port: what it sends, what it hears, and what it knows of itself."""

import pytest

from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Liquidity, Side, TimeInForce
from cryptex.sim.bot import Bot, OwnFill, TapeTrade
from cryptex.sim.context import Context
from tests.sim.market import SECOND, START_TICKS, Lab, Scripted


def test_a_fill_is_heard_with_position_cash_and_fees() -> None:
    lab = Lab()
    maker = Scripted(lambda ctx: ctx.sell(1_000, START_TICKS))
    taker = Scripted(lambda ctx: ctx.buy(400, START_TICKS + 100))
    sold = lab.join(maker)
    lab.run(1)
    bought = lab.join(taker)
    lab.run(1)
    lot_price = START_TICKS * lab.venue.market.notional_units
    cost = 400 * lot_price
    assert taker.heard == [OwnFill(1, Side.BUY, START_TICKS, 400, Liquidity.TAKER, 400)]
    assert (bought.position, bought.cash, bought.base_fee_units, bought.orders) == (400, -cost, 400, {})
    fee = cost // 1_000
    assert maker.heard == [OwnFill(1, Side.SELL, START_TICKS, 400, Liquidity.MAKER, fee)]
    assert (sold.position, sold.cash) == (-400, cost - fee)
    assert sold.orders[1].remaining_lots == 600
    lab.venue.exchange.check()


def test_an_order_arrives_after_its_latency() -> None:
    lab = Lab()
    lab.join(Scripted(lambda ctx: ctx.buy(1_000, START_TICKS)), latency_ns=SECOND // 2)
    lab.run(0.4)
    assert lab.venue.book.best_bid is None
    lab.run(0.2)
    assert lab.venue.book.best_bid == START_TICKS


def test_cancels_reach_their_orders_even_at_once() -> None:
    lab = Lab()

    def twice(ctx: Context) -> None:
        ctx.cancel(ctx.buy(1_000, START_TICKS))
        ctx.buy(1_000, START_TICKS - 1)
        ctx.sell(1_000, START_TICKS + 1)
        ctx.cancel_all()
        ctx.buy(1_000, START_TICKS - 2)

    context = lab.join(Scripted(twice), latency_ns=5)
    lab.run(1)
    assert (lab.venue.book.best_bid, lab.venue.book.best_ask) == (START_TICKS - 2, None)
    assert list(context.orders) == [4]
    context.cancel(99)
    lab.run(1)
    assert list(context.orders) == [4]


def test_an_order_that_is_reduced_keeps_its_place() -> None:
    lab = Lab()
    first = lab.join(Scripted(lambda ctx: ctx.sell(1_000, START_TICKS)))
    second = lab.join(Scripted(lambda ctx: ctx.sell(1_000, START_TICKS)))
    lab.run(1)
    first.reduce(1, 400)
    first.reduce(99, 1)
    assert (first.orders[1].size_lots, first.orders[1].remaining_lots) == (600, 600)
    lab.run(1)
    assert lab.venue.book.asks(1) == [(START_TICKS, 1_600)]
    lab.join(Scripted(lambda ctx: ctx.buy(600, START_TICKS)))
    lab.run(1)
    assert (first.position, first.orders, second.position) == (-600, {}, 0)
    second.reduce(1, 1_000)
    lab.run(1)
    assert (second.orders, lab.venue.book.best_ask) == ({}, None)
    with pytest.raises(Refusal, match="at least one lot"):
        second.reduce(1, 0)


def test_an_order_that_has_traded_too_much_to_be_reduced_stays() -> None:
    lab = Lab()
    seller = lab.join(Scripted(lambda ctx: ctx.sell(1_000, START_TICKS)), latency_ns=SECOND)
    lab.run(2)
    seller.reduce(1, 700)
    lab.join(Scripted(lambda ctx: ctx.buy(500, START_TICKS)))
    lab.run(2)
    assert lab.venue.book.asks(1) == [(START_TICKS, 500)]
    assert seller.orders[1].remaining_lots == 0
    lab.venue.exchange.check()


def test_an_order_with_a_lifetime_expires_and_is_forgotten() -> None:
    lab = Lab()
    context = lab.join(Scripted(lambda ctx: ctx.buy(1_000, START_TICKS, lifetime_s=2)))
    lab.run(1)
    assert len(context.orders) == 1
    lab.run(1.5)
    lab.venue.tick()
    assert (context.orders, lab.venue.book.best_bid) == ({}, None)


def test_a_rejected_order_is_counted_and_forgotten() -> None:
    lab = Lab()
    context = lab.join(Scripted(lambda ctx: ctx.buy(10**12, START_TICKS)))
    lab.run(1)
    assert (context.rejected, context.orders) == (1, {})


def test_a_market_order_and_an_ioc_that_find_nothing_end() -> None:
    lab = Lab()
    context = lab.join(
        Scripted(lambda ctx: ctx.buy(1_000), lambda ctx: ctx.sell(1_000, START_TICKS, time_in_force=TimeInForce.IOC))
    )
    lab.run(1)
    assert (context.orders, context.position) == ({}, 0)


@pytest.mark.parametrize(("lots", "ticks"), [(0, 1), (-1, 1), (1, 0), (1, -5)])
def test_sizes_and_prices_are_whole_and_above_zero(lots: int, ticks: int) -> None:
    context = Lab().join(Bot())
    with pytest.raises(Refusal):
        context.buy(lots, ticks)
    assert context.orders == {}


def test_timers_ring_once_or_again_and_again_until_the_end() -> None:
    class Ringing(Bot):
        def __init__(self) -> None:
            self.rings: list[tuple[str, int]] = []

        def on_start(self, ctx: Context) -> None:
            ctx.after(1.5, "once")
            ctx.every(1, "often")

        def on_timer(self, ctx: Context, name: str) -> None:
            self.rings.append((name, ctx.now // 100_000_000))

    lab, bot = Lab(), Ringing()
    context = lab.join(bot)
    lab.run(3.2)
    assert bot.rings == [("often", 10), ("once", 15), ("often", 20), ("often", 30)]
    context.stop()
    lab.run(5)
    assert len(bot.rings) == 4
    with pytest.raises(Refusal):
        context.every(0)


def test_the_book_and_the_tape_are_heard_by_who_listens() -> None:
    class Listening(Bot):
        def __init__(self) -> None:
            self.books: list[tuple[int | None, int | None]] = []
            self.trades: list[TapeTrade] = []

        def on_book(self, ctx: Context) -> None:
            self.books.append((ctx.book.best_bid, ctx.book.best_ask))

        def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
            self.trades.append(trade)

    lab, bot = Lab(), Listening()
    context = lab.join(bot)
    lab.join(Scripted(lambda ctx: ctx.sell(1_000, START_TICKS + 10), lambda ctx: ctx.buy(500, START_TICKS - 10)))
    lab.run(1)
    lab.join(Scripted(lambda ctx: ctx.buy(1_000, START_TICKS + 10)))
    lab.run(1)
    assert bot.books == [(None, START_TICKS + 10), (START_TICKS - 10, START_TICKS + 10), (START_TICKS - 10, None)]
    assert bot.trades == [TapeTrade(START_TICKS + 10, 1_000, Side.BUY)]
    assert context.book.mid == START_TICKS
    assert context.book.bids(5) == [(START_TICKS - 10, 500)]
    assert context.book.asks(5) == []


def test_distances_and_sizes_are_relative() -> None:
    context = Lab().join(Bot())
    assert context.bps(1) == pytest.approx(600)
    assert (context.lots(2.5), context.lots(0)) == (2_500, 1)
