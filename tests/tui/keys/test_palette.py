"""The palette: everything by its name, by keys and by mouse; looks are shown before they are chosen."""

from pathlib import Path

from textual.command import CommandList

from cryptex.tui.keys.palette import Palette
from cryptex.tui.keys.registry import ACTIONS
from cryptex.tui.settings.terminal import FILE_NAME
from tests.tui.pilots import Desk, desk, until


async def opened(on: Desk, *keys: str) -> CommandList:
    """Open the palette, type, and return its list once it is there."""
    await on.pilot.press(*(keys or ("ctrl+p",)))
    await until(on.pilot, lambda: isinstance(on.app.screen, Palette) and on.app.screen.has_class("-ready"))
    return on.app.screen.query_one(CommandList)


def told(found: CommandList) -> list[str]:
    """Return the lines of the palette."""
    return [str(option.prompt) for option in found.options]


async def search(on: Desk, text: str, first: str) -> CommandList:
    """Type into the palette until the first line is this one."""
    found = await opened(on)
    await on.pilot.press(*("space" if c == " " else c for c in text))
    await until(on.pilot, lambda: first in str(told(found)[:1]))
    return found


async def test_it_offers_every_action_with_its_key_and_nothing_else_of_textual() -> None:
    async with desk() as on:
        lines = told(await opened(on))
        for action in ACTIONS:
            if action.help:
                assert any(line.endswith(f": {action.help}") and action.cap in line for line in lines), action.name
        assert any(line.endswith("Market: ETH-USDT") for line in lines)
        assert not any(line.endswith("Market: BTC-USDT") for line in lines), "it is there already"
        assert any("Theme: day" in line for line in lines)
        assert any("Layout: " in line for line in lines)
        assert not any("Screenshot" in line or "Maximize" in line for line in lines)


async def test_a_colon_opens_it_and_escape_closes_it() -> None:
    async with desk() as on:
        await opened(on, "colon")
        await on.pilot.press("escape")
        assert on.app.screen is on.screen


async def test_an_action_is_found_by_its_letters_and_done() -> None:
    async with desk() as on:
        await search(on, "next mark", "next market")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.screen.model.market == "ETH-USDT")


async def test_an_action_of_a_panel_is_done_there() -> None:
    async with desk() as on:
        await on.pilot.press("down", "w")
        await search(on, "price to", "price to the ticket")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.field("price") != "")


async def test_a_click_does_it() -> None:
    async with desk() as on:
        await search(on, "market sol", "Market: SOL-USDT")
        await on.pilot.click(CommandList, offset=(12, 0))
        await until(on.pilot, lambda: on.screen.model.market == "SOL-USDT")


async def test_a_theme_is_shown_while_the_cursor_is_on_it_and_forgotten_after(tmp_path: Path) -> None:
    async with desk(settings_folder=tmp_path) as on:
        await search(on, "theme ember", "Theme: ember")
        await until(on.pilot, lambda: on.app.look.name == "ember")
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.look.name == "night")
    assert not (tmp_path / FILE_NAME).exists()


async def test_a_theme_that_is_chosen_stays(tmp_path: Path) -> None:
    async with desk(settings_folder=tmp_path) as on:
        await search(on, "theme ember", "Theme: ember")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.app.chosen == "ember")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert on.app.look.name == "ember"
        assert 'theme = "ember"' in (tmp_path / FILE_NAME).read_text()
        await search(on, "red-g", "red-green")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.app.scheme == "red-green")
        assert on.app.chosen == "ember"


async def test_markets_of_the_node_are_never_markup() -> None:
    async with desk() as on:
        terms = on.screen.model.terms
        terms["[red]X[/red]-USDT"] = next(iter(terms.values()))
        assert any("[red]X[/red]-USDT" in line for line in [c.prompt.plain for c in (await opened(on)).options])
