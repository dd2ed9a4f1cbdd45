"""The page on simulation: its tables name every scenario, key and agent, and its first lesson is true."""

import re
from pathlib import Path

import msgspec
import pytest

from cryptex.sim import library
from cryptex.sim.agents.base import GroupSettings, SizeSettings
from cryptex.sim.agents.settings import KINDS
from cryptex.sim.bot import Bot, News, OwnFill, TapeTrade
from cryptex.sim.context import Context
from cryptex.sim.induced import Schedule
from cryptex.sim.run import run
from cryptex.sim.scenario import EventKind, MarketSettings, Scenario, TimedEvent
from cryptex.sim.world import AttentionSettings, FundamentalSettings, VolatilitySettings
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "simulation.md"
ROWS = [line.strip("|").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
TABLES: dict[str, type[msgspec.Struct]] = {
    "top": Scenario,
    "`[market]`": MarketSettings,
    "`[attention]`": AttentionSettings,
    "`[fundamental]`": FundamentalSettings,
    "`[volatility]`": VolatilitySettings,
    "`[schedules.NAME]`": Schedule,
    "`[groups.NAME]`": GroupSettings,
    "`[[events]]`": TimedEvent,
}
TABLES_OF_THEIR_OWN = {"name", "market", "attention", "fundamental", "volatility", "schedules", "groups", "events"}
_WORD = re.compile(r"`([a-z][\w-]*)")


def words(text: str) -> set[str]:
    """Return what stands in backticks."""
    return set(_WORD.findall(text))


def row(first: str) -> str:
    """Return the rest of the row that begins so."""
    (found,) = (" | ".join(cells[1:]) for cells in ROWS if cells[0].strip() == first)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_a_scenario_is_there(table: str) -> None:
    wanted = set(TABLES[table].__struct_fields__) - (TABLES_OF_THEIR_OWN if table == "top" else set())
    extra = {"top": {"extends"}, "`[groups.NAME]`": {"agent"}, "`[[events]]`": {kind.value for kind in EventKind}}
    assert words(row(table)) == wanted | extra.get(table, set())


def test_every_agent_is_there_with_its_keys() -> None:
    agents = {cells[0]: cells[-1] for cells in ROWS if words(cells[0]) & KINDS.keys() and len(cells) == 3}
    common = set(GroupSettings.__struct_fields__)
    named = {name: words(keys) for first, keys in agents.items() for name in words(first)}
    assert named.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        keys = named[name] - {"trades", "lobster"}
        if "zi-c" in keys:
            keys = (keys - {"zi-c"}) | named["zi-c"]
        assert keys == set(kind.__struct_fields__) - common, name
    size = SizeSettings()
    assert f"`size = {{ least = {size.least:g}, tail = {size.tail:g}, most = {size.most:g} }}`" in PAGE.read_text()


def test_every_scenario_is_there() -> None:
    listed = {name for cells in ROWS if len(cells) == 2 for name in words(cells[0])}
    assert set(library.names()) <= listed


def test_every_method_and_field_of_bots_is_there() -> None:
    named = set().union(*(words(" ".join(cells)) for cells in ROWS))
    own = {name for name in vars(Context) if not name.startswith("_")} - {"start", "stop", "stopped", "filled", "ended"}
    told = {"refused", "book_changed", "traded", "hears", "typical_lots"}
    assert {name for name in vars(Bot) if name.startswith("on_")} <= named
    assert own - told <= named
    assert {*OwnFill._fields, *TapeTrade._fields, *News._fields} <= named


def test_the_first_bot_loses_by_its_fees_alone(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("python") if block.file == "my_bot.py")
    (tmp_path / "my_bot.py").write_text(block.text)

    def profit(*settings: str) -> float:
        scenario = library.load("calm", ["duration=30m", *settings], [f"{tmp_path / 'my_bot.py'}:Dip"])
        (bot,) = run(scenario, scenario.seed, None, lambda _done, _of: None).bots
        assert bot.fills >= 4
        return float(bot.profit)

    with_fees, without = profit(), profit("market.taker_fee=0")
    assert 0 < without < 1
    assert with_fees < -3 * without


def test_the_scenario_of_the_page_is_one(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("toml") if block.page == PAGE and block.file is not None)
    path = tmp_path / str(block.file)
    path.write_text(block.text)
    assert library.load(str(path)).title == "A busy hour"
