"""A bot's way to a node's market, where an answer takes its time."""

from functools import partial

import pytest

from cryptex.engine.exchange import Exchange
from cryptex.protocol.commands import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    Command,
    DefineAsset,
    DefineMarket,
    Grant,
    OpenAccount,
)
from cryptex.protocol.commands import PlaceOrder as Place
from cryptex.protocol.terms import Side
from cryptex.sim.bot import TapeTrade
from cryptex.sim.clock import VirtualClock
from cryptex.sim.context import Context
from cryptex.sim.live.floor import Answered, Floor
from cryptex.sim.live.venue import NodeVenue, account_key
from cryptex.sim.randomness import stream
from tests.sim.market import START_TICKS, Scripted

SYMBOL = "BTC-USDT"
FUNDS = (Grant("BTC", 10**12), Grant("USDT", 10**16))


class SlowWay:
    """Holds commands until it is told to let them arrive."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.waiting: list[tuple[Command, Answered]] = []

    def send(self, command: Command, answered: Answered) -> None:
        """Hold a command."""
        self.waiting.append((command, answered))

    def arrive(self) -> list[Command]:
        """Let what waits arrive; all are answered before any event is told, as by the sequencer."""
        waiting, self.waiting, told = self.waiting, [], []
        exchange = self.floor.exchange
        for command, answered in waiting:
            told += exchange.apply(exchange.time_ns + 1, command)
            answered(exchange.answer)
        self.floor.tell(told)
        return [command for command, _ in waiting]

    def refuse(self) -> None:
        """Let nothing of what waits arrive."""
        waiting, self.waiting = self.waiting, []
        for _, answered in waiting:
            answered(None)

    def log_ns(self, time_ns: int) -> int:
        """The log is a second ahead."""
        return time_ns + 10**9

    def tick(self) -> None:
        """Nothing is due."""


class House:
    """A floor with one market and two bots."""

    def __init__(self) -> None:
        exchange = Exchange()
        setup: list[Command] = [
            DefineAsset("BTC", "Bitcoin", 8),
            DefineAsset("USDT", "Tether", 8),
            DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0", "0"),
            *(OpenAccount(account_key(SYMBOL, name), FUNDS, bot=True) for name in ("ann", "bob")),
        ]
        for time_ns, command in enumerate(setup, 1):
            exchange.apply(time_ns, command)
        self.clock = VirtualClock()
        self.floor = Floor(self.clock, exchange)
        self.way = self.floor.way = SlowWay(self.floor)
        self.venue = self.floor.venues[SYMBOL] = NodeVenue(self.floor, SYMBOL, START_TICKS)

    def join(self, name: str, bot: Scripted) -> Context:
        """Let a bot begin."""
        account_id = self.venue.open_account(OpenAccount(name))
        port = self.venue.port(account_id, 0)
        context = Context(bot, port, partial(stream, 1, "house", name, 0), 1_000)
        self.venue.attach(port, context, bot)
        context.start()
        self.run()
        return context

    def run(self) -> None:
        """Let what bots sent leave."""
        self.clock.run_until(self.clock.time_ns + 1)


@pytest.fixture
def house() -> House:
    return House()


def test_a_cancel_waits_for_the_id_of_its_order(house: House) -> None:
    ann = house.join("ann", Scripted(lambda ctx: ctx.sell(1_000, START_TICKS), lambda ctx: ctx.cancel(1)))
    assert [type(each) for each in house.way.arrive()] == [Place]
    assert list(ann.orders) == [1]
    assert [type(each) for each in house.way.arrive()] == [CancelOrder]
    assert ann.orders == {}


def test_a_smaller_size_waits_for_it_too(house: House) -> None:
    ann = house.join("ann", Scripted(lambda ctx: ctx.sell(1_000, START_TICKS), *[lambda ctx: ctx.reduce(1, 300)] * 2))
    assert [type(each) for each in house.way.arrive()] == [Place]
    (amend,) = house.way.arrive()
    assert (type(amend), house.venue.book.asks(1)) == (AmendOrder, [(START_TICKS, 400)])
    ann.reduce(1, 100)
    house.run()
    house.way.arrive()
    assert house.venue.book.asks(1) == [(START_TICKS, 300)]


def test_cancel_all_reaches_orders_on_their_way(house: House) -> None:
    ann = house.join("ann", Scripted(lambda ctx: ctx.sell(1_000, START_TICKS), lambda ctx: ctx.cancel_all()))
    assert [type(each) for each in house.way.arrive()] == [Place, CancelAll]
    assert ann.orders == {}
    assert house.venue.book.best_ask is None


def test_an_order_that_is_refused_is_gone(house: House) -> None:
    ann = house.join("ann", Scripted(lambda ctx: ctx.sell(1_000, START_TICKS), lambda ctx: ctx.cancel(1)))
    house.way.refuse()
    assert (ann.orders, ann.rejected) == ({}, 1)
    ann.sell(10**15, START_TICKS)
    house.run()
    house.way.arrive()
    assert (ann.orders, ann.rejected) == ({}, 2), "the exchange itself may reject one"


def test_both_sides_hear_of_their_fills_and_all_of_the_trade(house: House) -> None:
    class Listening(Scripted):
        """Hears trades and books too."""

        def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
            self.heard.append(trade)

        def on_book(self, ctx: Context) -> None:
            self.heard.append(ctx.book.best_ask)

    maker, taker = Scripted(lambda ctx: ctx.sell(1_000, START_TICKS)), Listening()
    ann, bob = house.join("ann", maker), house.join("bob", taker)
    house.way.arrive()
    bob.buy(400, START_TICKS)
    house.run()
    house.way.arrive()
    assert (ann.position, bob.position) == (-400, 400)
    assert len(maker.heard) == 1
    assert [each for each in taker.heard if isinstance(each, TapeTrade)] == [TapeTrade(START_TICKS, 400, Side.BUY)]
    assert taker.heard[0] == taker.heard[-1] == START_TICKS
    assert (list(ann.orders), bob.orders) == ([1], {})


def test_an_order_expires_by_the_time_of_the_log_and_is_tied_to_its_account(house: House) -> None:
    ann = house.join("ann", Scripted(lambda ctx: ctx.sell(1_000, START_TICKS, lifetime_s=5.0)))
    (command,) = house.way.arrive()
    assert isinstance(command, Place)
    assert command.expires_ns == 6 * 10**9
    assert command.connection_id == -command.account_id
    assert list(ann.orders) == [1]


def test_a_stranger_has_no_account(house: House) -> None:
    with pytest.raises(LookupError):
        house.venue.open_account(OpenAccount("cyd"))
