"""The keys in a question can be clicked."""

from pathlib import Path

from textual.pilot import Pilot

from cryptex.tui.desk.panes_screen import PanesScreen
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.card import Hints
from tests.tui.pilots import Desk, desk, until


async def click(on: Desk, word: str) -> None:
    """Click a word among the keys of the question in front."""
    pilot: Pilot[None] = on.pilot
    await until(pilot, lambda: bool(on.app.screen.query(Hints)))
    await pilot.pause()
    hints = on.app.screen.query_one(Hints)
    await pilot.click(hints, offset=(hints.render_line(0).text.index(word), 0))


async def test_yes_and_no() -> None:
    async with desk() as on:
        await on.pilot.press("X")
        await click(on, "no")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert not on.exchange.called("cancel_all")
        await on.pilot.press("X")
        await click(on, "yes")
        await until(on.pilot, lambda: len(on.exchange.called("cancel_all")) == 1)


async def test_an_alert_is_set_and_left() -> None:
    async with desk() as on:
        await on.pilot.press("exclamation_mark")
        await click(on, "leaves")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert "no alerts" in on.text("alerts")
        await on.pilot.press("exclamation_mark")
        await click(on, "sets it")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert "no alerts" not in on.text("alerts")


async def test_what_cannot_be_taken_is_said_and_the_question_stays() -> None:
    async with desk() as on:
        await on.pilot.press("exclamation_mark", "ctrl+u")
        await click(on, "sets it")
        await until(on.pilot, lambda: bool(on.app.screen.query("#about")))
        assert str(on.app.screen.query_one("#about").render())


async def test_a_layout_is_saved(tmp_path: Path) -> None:
    async with desk(settings_folder=tmp_path) as on:
        await on.pilot.press("f10", "m", "y")
        await click(on, "saves")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert on.screen.desk.layout_name == "my"


async def test_an_expiry_is_taken() -> None:
    async with desk() as on:
        await on.pilot.press("e", "ctrl+u", "3", "h")
        await click(on, "takes it")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert on.screen.desk.ticket.form.expires == "3h"


async def test_panels_are_turned_and_the_chooser_closed() -> None:
    async with desk((80, 24)) as on:
        await on.pilot.press("v", "end")
        assert isinstance(on.app.screen, PanesScreen)
        for _ in range(4):
            await on.pilot.press("down")
        await click(on, "turn")
        assert on.screen.desk.choice.off != frozenset()
        assert Part.LADDER in on.screen.desk.choice.off
        await click(on, "close")
        await until(on.pilot, lambda: on.app.screen is on.screen)
