"""The starter bots: none bleeds money, none leaves orders behind, and they run on a node as in a simulation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cryptex.protocol.terms import Side
from cryptex.sim import library
from cryptex.sim.clock import VirtualClock
from cryptex.sim.own_bot import load_class
from cryptex.sim.simulation import Simulation
from cryptex.sim.summary import BotSummary, summary_of
from tests.cli.live import LiveNode, interrupt
from tests.sim.market import Lab, Scripted

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
BOTS = {
    "readonly": "read_only.py:ReadOnly",
    "minmax": "min_max.py:MinMax",
    "penny": "penny.py:Penny",
    "maker": "maker.py:Maker",
}
PATHS = [str(EXAMPLES / bot) for bot in BOTS.values()]

SIZES_MOST = {"readonly": 0, "minmax": 1, "penny": 4, "maker": 6}
"""How many typical sizes each holds at most; one more than it says, for what trades before a cancel arrives."""

TYPICAL_NOTIONAL = 600
"""What a typical size costs, in USDT."""

LOSS_MOST_SHARE = 0.01
"""What each may lose of the most that it may hold, in the runs here."""

QUOTES = (("buy", "59000"), ("sell", "61000"))
"""A spread that pays any fee."""

ORDERS_MOST = 4
"""Two quotes, and two that are on their way out."""


@pytest.fixture(name="live", scope="module")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    with LiveNode(tmp_path_factory.mktemp("live")) as node:
        yield node


def traded(seed: int, duration: str, *settings: str) -> tuple[Simulation, dict[str, BotSummary]]:
    """Let all four trade in calm, then end; return the run and what became of each, by its group."""
    scenario = library.load("calm", [f"duration={duration}", *settings], PATHS)
    simulation = Simulation(scenario, seed, VirtualClock())
    steps = 50
    for step in range(1, steps + 1):
        simulation.clock.run_until(scenario.duration_ns * step // steps)
        assert all(len(context.orders) <= ORDERS_MOST for name in BOTS for context in simulation.contexts(name))
    summary = summary_of(simulation)
    return simulation, {bot.account.removesuffix("-0"): bot for bot in summary.bots}


def check_the_end(simulation: Simulation) -> None:
    """Let the bots end: they leave no order and nothing held, and funds are conserved."""
    for name in BOTS:
        for context in simulation.contexts(name):
            context.stop()
    simulation.clock.run_until(simulation.clock.now() + 1_000_000_000)
    exchange = simulation.venue.exchange
    for name in BOTS:
        (context,) = simulation.contexts(name)
        held = [exchange.balance(simulation.accounts[f"{name}-0"], asset)[1] for asset in exchange.assets]
        assert (context.orders, held) == ({}, [0, 0]), name
    exchange.check()


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_none_bleeds_money_on_a_calm_day_with_its_fees(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    simulation, bots = traded(seed, "70m")
    for name, bot in bots.items():
        assert float(bot.profit) >= -LOSS_MOST_SHARE * SIZES_MOST[name] * TYPICAL_NOTIONAL, name
        assert abs(float(bot.position)) * 100 <= SIZES_MOST[name], name
        assert bot.rejected <= 10, name
    assert bots["penny"].fills == 0, "a spread that does not pay the fees is left alone"
    check_the_end(simulation)
    assert capsys.readouterr().out.count("minute ") == 70


def test_where_making_is_free_they_trade_and_gain() -> None:
    simulation, bots = traded(11, "20m", "market.maker_fee=0")
    for name in ("penny", "maker"):
        assert bots[name].fills > 20, name
        assert float(bots[name].profit) > 0, name
        assert float(bots[name].fees) == 0, "they never take"
    check_the_end(simulation)


def test_min_max_buys_low_and_sells_high() -> None:
    lab, bot = Lab(), load_class(PATHS[1])()
    market, own = lab.join(Scripted()), lab.join(bot)

    def quoted(mid: int, seconds: int) -> None:
        """Let others quote 50 ticks around a mid for some time."""
        market.cancel_all()
        market.buy(1_000, mid - 50)
        market.sell(1_000, mid + 50)
        lab.run(seconds)

    quoted(6_000_000, 1_800)
    quoted(6_060_000, 1_790)
    assert own.orders == {}, "it has not looked for an hour"
    quoted(6_030_000, 15)
    assert [(order.side, order.price_ticks) for order in own.orders.values()] == [(Side.BUY, 6_000_000)]
    market.cancel_all()
    market.sell(1_000, 6_000_000)
    lab.run(1)
    assert own.holding == 999, "less the fee"
    quoted(6_030_000, 9)
    assert [(order.side, order.price_ticks) for order in own.orders.values()] == [(Side.SELL, 6_060_000)]
    market.cancel_all()
    market.buy(1_000, 6_060_000)
    lab.run(1)
    assert own.holding == 0
    assert own.cash > 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_each_is_read_in_a_minute(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 50
    assert any(bot.startswith(f"{path.name}:") for bot in BOTS.values()), "and is one of the four"


@pytest.mark.parametrize("bot", ["penny", "maker"])
def test_the_same_file_trades_on_a_node_and_leaves_no_orders(bot: str, live: LiveNode) -> None:
    quotes = [live.maker.place_order("BTC-USDT", side, "1", price=price) for side, price in QUOTES]
    process = live.start("bot", "run", str(EXAMPLES / BOTS[bot]), token=live.taker.token)
    try:
        until(lambda: live.taker.orders(status="open"), process.poll)
        code, said = interrupt(process)
    finally:
        process.kill()
    assert code == 130
    assert "has ended with a position of 0.00000 BTC" in said
    until(lambda: not live.taker.orders(status="open"), lambda: None)
    for quote in quotes:
        live.maker.cancel_order(quote.id)


def until(condition: Callable[[], object], ended: Callable[[], int | None]) -> None:
    """Ask until something holds; the program must not end before."""
    while not condition():
        assert ended() is None
