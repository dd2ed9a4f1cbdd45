"""Changing the look while the terminal runs repaints everything, stale or not; NO_COLOR is obeyed."""

import pytest
from rich.color import Color

from cryptex.tui.looks.catalogue import LOOK_NAMES
from cryptex.tui.looks.up_down import OWN
from tests.tui.pilots import Desk, desk


def colours(on: Desk) -> set[Color]:
    """Return every colour that is on the screen."""
    found = set()
    for strip in on.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                found |= {colour for colour in (segment.style.color, segment.style.bgcolor) if colour is not None}
    return found


async def test_ctrl_t_goes_through_all_looks() -> None:
    async with desk() as on:
        worn = []
        for _ in LOOK_NAMES:
            worn.append(on.app.look.name)
            await on.pilot.press("ctrl+t")
        assert worn == list(LOOK_NAMES)
        assert on.app.look.name == LOOK_NAMES[0]
        assert "theme: night" in on.text("activity")


@pytest.mark.parametrize("stale", [False, True], ids=["live", "stale"])
@pytest.mark.parametrize("name", [name for name in LOOK_NAMES if name not in ("night", "mono")])
async def test_no_colour_of_the_old_look_stays(name: str, stale: bool) -> None:
    async with desk() as on:
        if stale:
            on.exchange.drop()
            await on.frame()
        before = colours(on)
        on.app.wear(name, OWN)
        await on.pilot.pause()
        on.app.wear(name, OWN)
        await on.pilot.pause()
        assert colours(on).isdisjoint(before)


async def test_mono_has_no_colours() -> None:
    async with desk() as on:
        on.app.wear("mono", OWN)
        await on.pilot.pause()
        assert {colour for colour in colours(on) if not colour.is_default} == set()


async def test_up_and_down_change_alone() -> None:
    async with desk() as on:
        on.app.wear("night", "#123456,#abcdef")
        await on.pilot.pause()
        assert {Color.parse("#123456"), Color.parse("#abcdef")} <= colours(on)


async def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk() as on:
        assert on.app.look.name == "mono"
        await on.pilot.press("ctrl+t")
        await on.frame()
        assert on.app.look.name == "mono"
        assert "NO_COLOR is set" in on.text("activity")
