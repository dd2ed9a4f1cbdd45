"""Scenario files: every one of the house is right, and what is wrong in one is named."""

from pathlib import Path

import pytest

from cryptex.protocol.problems import Code, Refusal
from cryptex.sim import library
from cryptex.sim.scenario import Scenario

NAMES = (
    "calm",
    "execution",
    "flash-crash",
    "gode-sunder",
    "market-making",
    "news-shock",
    "replay",
    "smith-zip",
    "spoofing",
    "volatile",
)


def refused(name: str, *settings: str) -> Refusal:
    """Return how a scenario is refused."""
    with pytest.raises(Refusal) as caught:
        library.load(name, settings)
    return caught.value


def test_the_house_has_these() -> None:
    assert set(NAMES) <= set(library.names())


@pytest.mark.parametrize("name", library.names())
def test_every_scenario_of_the_house_is_right_and_says_what_it_is(name: str) -> None:
    scenario = library.load(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.description
    assert scenario.groups


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ("colour=1", "colour"),
        ("market.tick=1", "market.tick"),
        ("groups.noise.speed=1", "groups.noise.speed"),
        ("groups.noise.size.most=0", "groups.noise.size.most"),
        ("groups.noise.agent=wizard", "groups.noise.agent"),
        ("groups.noise=1", "groups.noise"),
        ("groups.noise.start=soon", "groups.noise.start"),
        ("groups.noise.count=-1", "groups.noise.count"),
        ("attention.deviation=100", "attention.deviation"),
        ("duration=0s", "duration"),
        ("duration=400d", "duration"),
        ("market.price=60000.001", "market.price"),
        ("market.fees=none", "market.fees"),
        ("schedules.one.values=[]", "schedules[...].values"),
        ("seed=one", "seed"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(setting: str, field: str) -> None:
    refusal = refused("calm", setting)
    assert (refusal.code, refusal.details["field"]) == (Code.INVALID_SCENARIO, field)
    assert field.rpartition(".")[2] in refusal.message


def test_base_and_quote_must_differ() -> None:
    assert refused("calm", "market.quote=BTC").details["field"] == "market.symbol"


def test_a_group_needs_a_schedule_that_is_there() -> None:
    refusal = refused("calm", "groups.traders.agent=zi-c", "groups.traders.schedule=none")
    assert refusal.details["field"] == "groups.traders.schedule"


def test_an_event_needs_a_group_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "calm"\n[[events]]\nat = "1m"\nkind = "add"\ngroup = "dragons"\n')
    assert refused(str(path)).details["field"] == "events.0.group"


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        (
            '[[events]]\nat = "1m"\nkind = "party"',
            "events.0.kind",
            "one of news, value, halt, resume, add, remove, not 'party'",
        ),
        ('[[events]]\nat = "1m"\nkind = "news"\ncolour = 1', "events.0.colour", "there is no key events.0.colour"),
        ('[groups.tape]\nagent = "replay"\nform = "vinyl"', "groups.tape.form", "one of trades, lobster, not 'vinyl'"),
        ('[groups.twap]\nagent = "twap"\nside = "both"', "groups.twap.side", "one of buy, sell, not 'both'"),
    ],
)
def test_a_word_that_is_none_is_told_those_that_are(text: str, field: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "calm"\n{text}\n')
    refusal = refused(str(path))
    assert refusal.details["field"] == field
    assert said in refusal.message


def test_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    assert refused("stormy").code is Code.UNKNOWN_SCENARIO
    assert refused(str(tmp_path / "none.toml")).code is Code.UNKNOWN_SCENARIO


@pytest.mark.parametrize("text", ["= 1", "extends = 1", "\xff"])
def test_files_that_are_none_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("latin-1"))
    assert refused(str(path)).code is Code.INVALID_SCENARIO


def test_files_extend_each_other_and_the_house_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "below.toml").write_text('extends = "calm"\n[groups.noise]\ncount = 3\nevery_s = 7\n')
    path = tmp_path / "mine.toml"
    above = 'extends = "below.toml"\ntitle = "Mine"\n[groups.noise]\ncount = 4\n[groups.value]\nagent = "noise"\n'
    path.write_text(above)
    scenario = library.load(str(path), ["groups.noise.every_s=9"])
    noise = scenario.members["noise"]
    assert (scenario.name, scenario.title, noise.count) == ("mine", "Mine", 4)
    assert noise.every_s == 9  # type: ignore[attr-defined]  # of this kind
    assert scenario.members["value"].count == 1, "another kind of agent begins anew"


def test_a_circle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "round.toml"
    path.write_text('extends = "round.toml"\n')
    assert refused(str(path)).details["field"] == "extends"


def test_a_setting_needs_a_key_and_a_value() -> None:
    assert refused("calm", "groups").details["field"] == "set"
    assert refused("calm", "title.more=1").details["field"] == "title.more"


@pytest.mark.parametrize("setting", ["market.price=100", "market.price='100'", 'market.price="100"'])
def test_a_setting_is_what_its_key_wants(setting: str) -> None:
    scenario = library.load("calm", [setting, "groups.noise.size.least=0.5"])
    assert scenario.market.price == "100"
    assert refused("calm", "market.price=[").details["field"] == "market.price"


def test_a_file_says_what_is_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "calm"\n[market]\nprice = 100\n')
    assert refused(str(path)).details["field"] == "market.price"


def test_settings_are_toml_or_else_text() -> None:
    scenario: Scenario = library.load("calm", ["title=Hello there", "seed=12", 'duration="3m"'])
    assert (scenario.title, scenario.seed, scenario.duration) == ("Hello there", 12, "3m")
