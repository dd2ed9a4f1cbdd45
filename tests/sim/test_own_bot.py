"""Bots of one's own: read from a file, in a scenario, and what is wrong with one is said."""

from pathlib import Path

import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.sim import library
from cryptex.sim.bot import Bot
from cryptex.sim.clock import VirtualClock
from cryptex.sim.own_bot import fault_in, load_class
from cryptex.sim.run import run
from cryptex.sim.simulation import Simulation
from cryptex.sim.summary import summary_of

SECOND = 1_000_000_000
TAKER = """
from __future__ import annotations

from dataclasses import dataclass

from beside_it import SIZES
from cryptex.sim.bot import Bot


@dataclass
class Plan:
    sizes: int


class Taker(Bot):
    def on_start(self, ctx):
        ctx.after(60)

    def on_timer(self, ctx, name):
        ctx.buy(ctx.lots(Plan(SIZES).sizes))


class Failing(Taker):
    def on_timer(self, ctx, name):
        ctx.buy(1 // 0)
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))  # so that sys.path is as before in the end
    (tmp_path / "taker.py").write_text(TAKER)
    (tmp_path / "beside_it.py").write_text("SIZES = 2\n")
    return tmp_path


def test_a_file_is_read_with_what_stands_beside_it(folder: Path) -> None:
    kind = load_class(f"{folder / 'taker.py'}:Taker")
    assert issubclass(kind, Bot)
    assert kind.__name__ == "Taker"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("", "is not FILE:CLASS"),
        ("taker.py", "is not FILE:CLASS"),
        ("none.py:Taker", "there is no Python file none.py"),
        ("{folder}/taker.py:Plan", "has no bot Plan; there is: Taker, Failing"),
        ("{folder}/beside_it.py:Taker", "there is: no subclass of Bot"),
        ("{folder}/broken.py:Taker", "cannot be loaded: SyntaxError"),
        ("{folder}/raising.py:Taker", "cannot be loaded: raising.py, line 1: NameError"),
        ("{folder}/demanding.py:Demanding", "cannot be made without arguments: missing a required argument: 'wish'"),
    ],
)
def test_what_is_no_bot_is_refused(what: str, said: str, folder: Path) -> None:
    (folder / "broken.py").write_text("class")
    (folder / "raising.py").write_text("wish\n")
    demanding = "from cryptex.sim.bot import Bot\nclass Demanding(Bot):\n    def __init__(self, wish): ...\n"
    (folder / "demanding.py").write_text(demanding)
    with pytest.raises(Refusal) as caught:
        load_class(what.format(folder=folder))
    assert said in caught.value.message


def test_a_scenario_names_a_bot_beside_its_file(folder: Path) -> None:
    path = folder / "mine.toml"
    path.write_text(
        'extends = "calm"\nduration = "2m"\n[groups.mine]\nagent = "bot"\nbot = "taker.py:Taker"\ncount = 2\n'
    )
    simulation = Simulation(library.load(str(path)), 3, VirtualClock())
    simulation.clock.run_until(120 * SECOND)
    summary = summary_of(simulation)
    assert [(bot.account, bot.fills > 0, bot.open_orders) for bot in summary.bots] == [
        ("mine-0", True, 0),
        ("mine-1", True, 0),
    ]
    for bot, context in zip(summary.bots, simulation.contexts("mine"), strict=True):
        market, price = context.market, simulation.venue.exchange.last_price_ticks("BTC-USDT")
        base_units = context.position * market.lot_units - context.base_fee_units
        worth_units = base_units * (price or 0) * market.notional_units // market.lot_units
        assert market.base.units(bot.position) == base_units
        assert bot.profit == f"-{market.quote.text(-(context.cash + worth_units))}", (
            "the ledger says what the bot counts"
        )
        assert 1.19 < float(bot.fees) < 1.21, "a thousandth of 0.02 BTC"


def test_a_bot_that_is_added_moves_nobodys_draws_and_runs_repeat(folder: Path) -> None:
    added = library.load("calm", ["duration=2m"], [f"{folder / 'taker.py'}:Taker"])
    assert list(added.groups)[-1] == "taker"
    first, again = (run(added, 3, None, lambda _done, _of: None) for _ in range(2))
    assert first == again
    late = library.load("calm", ["duration=50s"], [f"{folder / 'taker.py'}:Taker"])
    without = library.load("calm", ["duration=50s"])
    assert run(late, 3, None, lambda _done, _of: None).trades == run(without, 3, None, lambda _done, _of: None).trades


def test_a_bot_needs_a_name_of_its_own_and_settings_find_it(folder: Path) -> None:
    bot = f"{folder / 'taker.py'}:Taker"
    assert library.load("calm", ["groups.taker.count=3"], [bot]).members["taker"].count == 3
    for settings, bots in (((), (bot, bot)), ((), ("x.py:Noise",))):
        with pytest.raises(Refusal, match="already") as caught:
            library.load("calm", settings, bots)
        assert caught.value.code is Code.INVALID_SCENARIO


def test_a_bot_that_is_not_there_is_named_by_its_key() -> None:
    with pytest.raises(Refusal, match=r"groups\.taker\.bot: there is no Python file none.py") as caught:
        Simulation(library.load("calm", (), ["none.py:Taker"]), 3, VirtualClock())
    assert caught.value.details["field"] == "groups.taker.bot"


def test_where_a_bot_failed_is_known(folder: Path) -> None:
    scenario = library.load("calm", ["duration=2m"], [f"{folder / 'taker.py'}:Failing"])
    with pytest.raises(ZeroDivisionError) as caught:
        run(scenario, 3, None, lambda _done, _of: None)
    assert fault_in(caught.value) == "taker.py, line 25: ZeroDivisionError: integer division or modulo by zero"
    assert fault_in(ValueError("of others")) is None
