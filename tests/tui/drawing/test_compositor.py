"""The compositor that asks fewer widgets paints what Textual's paints."""

import re
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.widget import Widget

from cryptex.tui.drawing.compositor import Visible, concerned
from cryptex.tui.drawing.panel import Panel
from cryptex.tui.keys.help_screen import HelpScreen
from tests.tui.pilots import desk

SCREEN = Region(0, 0, 40, 20)


class Scene:
    """Widgets by name, the foremost first."""

    def __init__(self, **regions: Region) -> None:
        self.widgets = {name: Widget() for name in regions}
        self.visible: Visible = {self.widgets[name]: (region, SCREEN) for name, region in regions.items()}

    def concerned(self, *changed: str) -> list[str]:
        """Return who is to be asked, by name."""
        found = concerned(self.visible, {self.widgets[name] for name in changed})
        return [name for name, widget in self.widgets.items() if widget in found]


def test_only_what_changed_is_asked_and_what_is_in_front_of_it() -> None:
    scene = Scene(
        toast=Region(30, 0, 10, 3),
        left=Region(0, 0, 20, 20),
        right=Region(20, 0, 20, 20),
        desk=Region(0, 0, 40, 20),
        screen=SCREEN,
    )
    assert scene.concerned("left") == ["left"]
    assert scene.concerned("right") == ["toast", "right"]
    assert scene.concerned("left", "toast") == ["toast", "left"]
    assert scene.concerned("desk") == ["toast", "left", "right", "desk"]
    assert scene.concerned("screen") == ["toast", "left", "right", "desk", "screen"]
    assert scene.concerned() == []


def test_what_is_clipped_away_covers_nothing() -> None:
    front, back = Widget(), Widget()
    visible: Visible = {front: (Region(0, 0, 10, 5), Region(0, 3, 40, 10)), back: (Region(0, 0, 10, 3), SCREEN)}
    assert concerned(visible, {back}) == {back: visible[back]}


def painted(update: ChopsUpdate | None) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the cells that an update writes, each with its style."""
    assert update is not None
    written = update.render_segments(Console(file=StringIO(), color_system="truecolor", width=120))
    cells: dict[tuple[int, int], tuple[str, str]] = {}
    x, y, style = 0, 0, ""
    for row, column, look, text in re.findall(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x1b]+)", written):
        if row:
            x, y = int(column), int(row)
        for char in text.replace("\n", ""):
            cells[x, y] = (char, style)
            x += cell_len(char)
        style = style if row or text else look
    return cells


async def test_it_paints_what_textual_paints() -> None:
    async with desk() as shown:
        screen, compositor = shown.screen, shown.screen._compositor
        await shown.frame()
        for panel in screen.query(Panel).results(Panel):
            if not panel.is_on_screen:
                continue
            panel.refresh()
            compositor.update_widgets({panel})
            dirty = set(compositor._dirty_regions)
            ours = painted(compositor.render_partial_update())
            compositor._dirty_regions = dirty
            theirs = painted(Compositor.render_partial_update(compositor))
            assert len(ours) >= panel.outer_size.area - panel.outer_size.height  # wide characters take two
            assert ours == theirs, panel


async def test_a_panel_that_changes_does_not_trouble_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as shown:
        await shown.frame()
        asked: list[Widget] = []
        before = Panel.render_lines
        monkeypatch.setattr(Panel, "render_lines", lambda self, crop: asked.append(self) or before(self, crop))
        shown.screen.desk.ladder.action_move(1)
        await shown.pilot.pause()
        assert set(asked) == {shown.screen.desk.ladder}


async def test_what_a_page_covered_is_painted_again() -> None:
    async with desk() as shown:
        await shown.frame()
        before = shown.app.export_screenshot()
        await shown.pilot.press("question_mark")
        assert isinstance(shown.app.screen, HelpScreen)
        await shown.pilot.press("escape")
        await shown.pilot.pause()
        await shown.frame()
        assert shown.app.export_screenshot() == before
