"""The same bot at both ports: a node and an engine in this process that show it the same book get the same commands."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest

from cryptex.client.exchange import Exchange
from cryptex.client.models import Order
from cryptex.client.replica import OrdersReplica
from cryptex.protocol.commands import AmendOrder, CancelAll, CancelOrder, Command, PlaceOrder
from cryptex.protocol.events import Event
from cryptex.protocol.market import Market
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import Liquidity, Side
from cryptex.sim.bot import Bot, OwnFill, TapeTrade
from cryptex.sim.context import Context
from cryptex.sim.live_bot import join
from cryptex.sim.socket_port import SocketPort
from tests.cli.live import LiveNode
from tests.sim.market import Lab, Scripted

WAIT_S = 10
BUY, SELL = Side.BUY, Side.SELL

SCRIPT = (
    (BUY, 50_000, 5_999_000),
    (SELL, 50_000, 6_001_000),
    (BUY, 20_000, 5_999_500),
    (SELL, 400, 5_999_501),
    (SELL, 30_000, 6_000_800),
    (BUY, 100, 6_000_799),
    (BUY, 10_000, 5_999_900),
    (SELL, 5_000, 5_999_900),
)
"""What somebody else does, step by step: side, lots and ticks of orders that rest or meet the bot's."""

Seen = list[tuple[object, ...]]


class Penny(Bot):
    """Quotes a tick better than the best of the others whenever that has changed; draws its sizes."""

    def __init__(self, pulse: Callable[[], object] = int) -> None:
        self.started = False
        self._pulse = pulse
        self.fills: Seen = []
        self.trades: Seen = []
        self._used: dict[int, None] = {}
        self._others: tuple[int, int] | None = None

    def on_start(self, ctx: Context) -> None:
        self.started = True
        self._pulse()

    def on_book(self, ctx: Context) -> None:
        sides = (ctx.book.bids(9), ctx.book.asks(9))
        bids, asks = ([price for price, _ in side if price not in self._used] for side in sides)
        if not bids or not asks or (bids[0], asks[0]) == self._others:
            return
        self._others = (bids[0], asks[0])
        bid, ask = bids[0] + 1, asks[0] - 1
        self._used.update(dict.fromkeys((bid, ask, ask + 5_000)))
        lots = 500 + ctx.rng.randrange(500)
        ctx.cancel_all()
        ctx.buy(lots, bid, post_only=True)
        ctx.sell(lots, ask)
        far = ctx.sell(lots, ask + 5_000)
        ctx.reduce(far, 100)
        ctx.cancel(far)

    def on_fill(self, ctx: Context, fill: OwnFill) -> None:
        self.fills.append(tuple(fill))
        self._pulse()

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        self.trades.append(tuple(trade))
        self._pulse()


def words(command: Command, market: Market) -> tuple[object, ...]:
    """Return a command of the engine as what a node is asked."""
    if isinstance(command, AmendOrder):
        return ("amend", market.size_text(command.size_lots))
    if not isinstance(command, PlaceOrder):
        return ("cancel_all",) if isinstance(command, CancelAll) else ("cancel",)
    price, size = market.price_text(command.price_ticks), market.size_text(command.size_lots)
    return ("place", command.side, command.type, size, price, command.time_in_force, command.post_only)


class Pulse:
    """Wakes who waits for something that is no event of its own: a state that follows from what was heard."""

    def __init__(self) -> None:
        self._beat = asyncio.Event()

    def __call__(self, *_: object) -> None:
        self._beat.set()

    def after(self, port: SocketPort) -> None:
        """Beat whenever a port has looked at its orders and fills."""
        look = port._look

        def looked(orders: OrdersReplica) -> None:
            look(orders)
            self()

        port._look = looked  # type: ignore[method-assign]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await self._beat.wait()
                self._beat.clear()


class Tapped(Exchange):
    """Keeps what goes to the node, and tells when it was answered."""

    def __init__(self, url: str, token: str | None, pulse: Pulse) -> None:
        super().__init__(url, token)
        self.commands: Seen = []
        self.answered = 0
        self._pulse = pulse

    async def place_order(self, market: str, side: Side, size: str, **more: object) -> Order:  # type: ignore[override]
        kind, time_in_force = more["type"], more["time_in_force"]
        self.commands.append(("place", side, kind, size, more["price"], time_in_force, more["post_only"]))
        with self._answering():
            return await super().place_order(market, side, size, **more)  # type: ignore[arg-type]

    async def amend_order(self, *reference: int, **more: object) -> Order:  # type: ignore[override]
        self.commands.append(("amend", more["size"]))
        with self._answering():
            return await super().amend_order(*reference, **more)  # type: ignore[arg-type]

    async def cancel_order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        self.commands.append(("cancel",))
        with self._answering():
            return await super().cancel_order(order_id, client_order_id=client_order_id)

    async def cancel_all(self, market: str | None = None) -> list[int]:
        self.commands.append(("cancel_all",))
        with self._answering():
            return await super().cancel_all(market)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
            self.answered += 1
        finally:
            self._pulse()


def on_the_engine() -> tuple[Penny, Context, Seen, list[tuple[int, int, int]]]:
    """Run the script on an engine; return bot, context and commands, and how much there was after each step."""
    lab, bot, commands, counts = Lab(), Penny(), [], []
    context = lab.join(bot)
    own_id, stamped = lab.venue.exchange.account_for("bot-0"), lab.venue._stamped

    def tapped(command: Command) -> list[Event]:
        if isinstance(command, PlaceOrder | AmendOrder | CancelAll | CancelOrder) and command.account_id == own_id:
            commands.append(words(command, lab.venue.market))
        return stamped(command)

    lab.venue._stamped = tapped  # type: ignore[method-assign]
    other = lab.join(Scripted())
    for side, lots, ticks in SCRIPT:
        (other.buy if side is BUY else other.sell)(lots, ticks)
        lab.run(1)
        counts.append((len(commands), len(bot.fills), len(bot.trades)))
    return bot, context, commands, counts


def reached(exchange: Tapped, bot: Penny, counts: tuple[int, int, int]) -> bool:
    """Return whether the bot has sent and heard so much, and the node has answered it all."""
    return exchange.answered >= counts[0] and len(bot.fills) >= counts[1] and len(bot.trades) >= counts[2]


@pytest.fixture(name="node")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    with LiveNode(tmp_path_factory.mktemp("both")) as node:
        node.taker.deposit("BTC", "10")
        yield node


async def test_both_ports_get_the_same_commands(node: LiveNode) -> None:
    wanted, wanted_context, commands, counts = on_the_engine()
    assert counts[-1] >= (19, 3, 3), "the script must make the bot work"
    pulse = Pulse()
    bot = Penny(pulse)
    async with Tapped(node.url, node.taker.token, pulse) as exchange:
        port, context = await join(
            exchange, "btc/usdt", bot, seed=1, key="both-", wall=lambda: datetime.now(UTC), typical_size="0.01"
        )
        pulse.after(port)
        context.rng.setstate(lab_chance())
        running = asyncio.create_task(port.run(context, bot))
        await pulse.until(lambda: bot.started)
        for (side, lots, ticks), expected in zip(SCRIPT, counts, strict=True):
            size, price = port.market.size_text(lots), port.market.price_text(ticks)
            await asyncio.to_thread(node.maker.place_order, "BTC-USDT", side, size, price=price)
            await pulse.until(partial(reached, exchange, bot, expected))
        await pulse.until(lambda: list(context.orders) == list(wanted_context.orders))
        assert exchange.commands == commands
        assert bot.fills == wanted.fills
        assert bot.trades == wanted.trades
        assert (context.position, context.cash) == (wanted_context.position, wanted_context.cash)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await asyncio.to_thread(until_none_is_open, node)


def until_none_is_open(node: LiveNode) -> None:
    """Ask until the bot's orders are no more."""
    while node.taker.orders(status="open"):
        pass


def lab_chance() -> object:
    """Return the chance that the bot has in the lab."""
    return Lab().join(Penny()).rng.getstate()


async def test_a_bot_that_fails_ends_its_run_with_what_it_raised(node: LiveNode) -> None:
    class Failing(Bot):
        def on_start(self, ctx: Context) -> None:
            ctx.after(0.01, "now")

        def on_timer(self, ctx: Context, name: str) -> None:
            ctx.buy(0, 1)

    bot = Failing()
    async with Exchange(node.url, node.taker.token) as exchange:
        port, context = await join(exchange, "BTC-USDT", bot, seed=1, key="f-", wall=lambda: datetime.now(UTC))
        with pytest.raises(Refusal, match="at least one lot"):
            await asyncio.wait_for(port.run(context, bot), WAIT_S)


async def test_timers_lifetimes_and_refusals_at_a_node(node: LiveNode) -> None:
    pulse = Pulse()

    class Busy(Bot):
        def __init__(self) -> None:
            self.heard: list[str] = []

        def on_book(self, ctx: Context) -> None:
            pulse()

        def on_start(self, ctx: Context) -> None:
            ctx.buy(10**9, 6_000_000)
            ctx.buy(1_000, 5_000_000, lifetime_s=0.5)
            ctx.every(0.01, "often")

        def on_timer(self, ctx: Context, name: str) -> None:
            self.heard.append(name)

    bot = Busy()
    async with Tapped(node.url, node.taker.token, pulse) as exchange:
        port, context = await join(exchange, "BTC-USDT", bot, seed=1, key="t-", wall=lambda: datetime.now(UTC))
        pulse.after(port)
        running = asyncio.create_task(port.run(context, bot))
        await pulse.until(lambda: context.rejected == 1 and list(context.orders) == [2])
        await pulse.until(lambda: port.book.best_bid == 5_000_000)
        assert port.book.bids(1) == [(5_000_000, 1_000)]
        await pulse.until(lambda: not context.orders and port.book.best_bid is None)
        assert len(bot.heard) > 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_market_that_is_not_there_is_refused(node: LiveNode) -> None:
    async with Exchange(node.url, node.taker.token) as exchange:
        with pytest.raises(Refusal, match="no market"):
            await join(exchange, "XYZ-USDT", Bot(), seed=1, key="x-", wall=lambda: datetime.now(UTC))


def test_liquidity_is_known_to_the_bot() -> None:
    bot, _, _, _ = on_the_engine()
    assert {fill[4] for fill in bot.fills} == {Liquidity.MAKER}
