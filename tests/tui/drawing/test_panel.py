"""Panels that draw their own lines: what they make of them by themselves is what Textual would."""

import pytest
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from cryptex.tui.drawing.panel import Line, Panel, Span, message, messages
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.catalogue import LOOK_NAMES
from cryptex.tui.looks.up_down import OWN
from cryptex.tui.looks.wearing import LookApp

WIDE = "価格 10"
LINES: list[Line] = [
    (Span("bid", Ink.BUY, bold=True), Span(" 1.5", Ink.TEXT, Ground.BUY_BAR)),
    (Span(WIDE, Ink.MUTED),),
    (Span("a line that is longer than the panel is wide", Ink.SELL), Span("never seen")),
    (),
]


class Lines(Panel):
    """Draws the lines above."""

    DEFAULT_CSS = "Lines { width: 30; height: 8; }"
    TITLE = "Lines"

    def __init__(self) -> None:
        super().__init__()
        self.drawn = list(LINES)

    def lines(self, width: int, height: int) -> list[Line]:
        """Return them."""
        return list(self.drawn)


class House(LookApp):
    """Two panels on a screen."""

    def compose(self) -> ComposeResult:
        """Both."""
        yield Lines()
        yield Lines()


def cells(strips: list[Strip]) -> list[list[tuple[str, object]]]:
    """Return every character with its style."""
    return [[(char, style) for text, style, _ in strip.simplify() for char in text] for strip in strips]


def assert_as_textual(panel: Panel) -> None:
    """Hold the panel's own strips against those of Textual, with nothing kept from before."""
    region = Region(0, 0, *panel.outer_size)
    ours = cells(panel.render_lines(region))
    panel._styles_cache.clear()
    assert ours == cells(Widget.render_lines(panel, region))
    assert len(ours) == 8


@pytest.mark.parametrize("name", LOOK_NAMES)
async def test_strips_are_those_of_textual_in_every_look(name: str) -> None:
    async with House().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, House)
        app.wear(name, OWN)
        await pilot.pause()
        first, second = app.query(Lines)
        first.focus()
        await pilot.pause()
        for panel in (first, second):
            panel.show(stale=False)
            assert_as_textual(panel)
        first.show(stale=True)
        assert_as_textual(first)
        first.styles.opacity = 0.5
        await pilot.pause()
        assert_as_textual(first)


async def test_strips_are_those_of_textual_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with House().run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert_as_textual(pilot.app.query(Lines).first())


async def test_what_changes_is_seen_at_once() -> None:
    async with House().run_test(size=(60, 20)) as pilot:
        panel = pilot.app.query(Lines).last()
        assert_as_textual(panel)
        panel.drawn[1] = (Span("another"),)
        panel.show(stale=False)
        assert_as_textual(panel)
        panel.border_title = "Another"
        assert_as_textual(panel)
        panel.focus()
        await pilot.pause()
        assert_as_textual(panel)
        panel.styles.width = 20
        await pilot.pause()
        assert_as_textual(panel)


def test_a_message_that_is_cut_says_so() -> None:
    assert message("orders that meet", 20) == (Span("  orders that meet  ", Ink.MUTED),)
    assert message("orders that meet", 10) == (Span("orders th…", Ink.MUTED),)


def test_a_message_that_has_the_room_to_itself_is_wrapped() -> None:
    assert messages("orders that meet", 12) == [(Span("orders that ", Ink.MUTED),), (Span("    meet    ", Ink.MUTED),)]


async def test_a_part_of_a_panel_is_cut_from_its_rows() -> None:
    async with House().run_test(size=(60, 20)) as pilot:
        panel = pilot.app.query(Lines).first()
        assert [strip.text for strip in panel.render_lines(Region(2, 1, 6, 2))] == ["bid 1.", "価格 1"]


async def test_only_lines_that_changed_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with House().run_test(size=(60, 20)) as pilot:
        panel = pilot.app.query(Lines).first()
        await pilot.pause()
        painted: list[tuple[Region, ...]] = []
        monkeypatch.setattr(Widget, "refresh", lambda _self, *regions, **_: painted.append(regions))
        panel.show(stale=False)
        assert painted == []
        panel.drawn[2] = (Span("new"),)
        panel.show(stale=False)
        assert painted == [(Region(-2, 2, 30, 1),)]
