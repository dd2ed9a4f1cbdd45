"""The chooser of layouts and panels, and saving a layout."""

from pathlib import Path

from cryptex.tui.desk.name_screen import NameScreen
from cryptex.tui.desk.panes_screen import PaneList, PanesScreen
from cryptex.tui.desk.part import Part
from cryptex.tui.desk.shelf import FILE_NAME, Shelf
from tests.tui.pilots import Desk, desk, until


def shown(on: Desk) -> set[str]:
    return {str(child.id) for child in on.screen.desk.children if child.display}


def listed(on: Desk) -> str:
    panes = on.app.screen.query_one(PaneList)
    return "\n".join(panes.render_line(y).text for y in range(panes.size.height))


def notes(on: Desk) -> list[str]:
    return [note.text for note in on.screen.model.activity]


async def test_a_panel_is_turned_off_and_on() -> None:
    async with desk() as on:
        await on.pilot.press("v")
        await until(on.pilot, lambda: isinstance(on.app.screen, PanesScreen))
        downs = listed(on).splitlines().index(next(row for row in listed(on).splitlines() if " Ticket" in row))
        await on.pilot.press(*["down"] * (downs - 2), "space")
        assert "ticket" not in shown(on)
        assert "[ ] Ticket" in listed(on)
        await on.pilot.press("enter")
        assert "ticket" in shown(on)
        await on.pilot.press("space", "escape")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        await on.pilot.press("b")
        assert "ticket" in shown(on), "a panel that is called comes back"


async def test_a_layout_is_chosen_with_the_mouse() -> None:
    async with desk() as on:
        await on.pilot.press("v")
        await until(on.pilot, lambda: isinstance(on.app.screen, PanesScreen))
        row = next(y for y, row in enumerate(listed(on).splitlines()) if "teaching" in row)
        await on.pilot.click(PaneList, offset=(6, row))
        assert on.screen.desk.layout_name == "teaching"
        assert "● teaching" in listed(on)


async def test_esc_goes_where_there_is_a_panel_when_the_ladder_is_off() -> None:
    async with desk() as on:
        on.screen.desk.turn_off(Part.LADDER)
        await on.pilot.press("escape")
        assert "ladder" not in shown(on)
        assert on.screen.focused is not None


async def test_layouts_go_round_and_are_told_of() -> None:
    async with desk() as on:
        for name in ("chart", "ladder", "teaching", "trader"):
            await on.pilot.press("f9")
            assert on.screen.desk.layout_name == name
            assert notes(on)[0] == f"layout: {name}"


async def test_a_layout_is_saved_under_a_name_and_removed(tmp_path: Path) -> None:
    async with desk(settings_folder=tmp_path) as on:
        on.screen.desk.turn_off(Part.TAPE)
        await on.pilot.press("f10")
        await until(on.pilot, lambda: isinstance(on.app.screen, NameScreen))
        await on.pilot.press("enter", "m", "y", "enter")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert notes(on)[0] == "layout saved as my"
        assert Shelf(tmp_path).choice("my").off == {Part.TAPE}
        await on.pilot.press("f9", "v")
        assert on.screen.desk.layout_name == "trader"
        await until(on.pilot, lambda: isinstance(on.app.screen, PanesScreen))
        await on.pilot.press("down", "down", "down", "down", "enter")
        assert on.screen.desk.layout_name == "my"
        await on.pilot.press("d")
        assert on.screen.desk.layout_name == "trader"
        assert "my" not in Shelf(tmp_path).names


async def test_a_bad_file_is_told_of_and_the_terminal_opens(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("colour = 1")
    async with desk(settings_folder=tmp_path) as on:
        assert "does not know `colour`" in notes(on)[-1]
        await on.pilot.press("f9")
        assert "mend or delete it" in notes(on)[0]
        assert on.screen.desk.layout_name == "chart"
