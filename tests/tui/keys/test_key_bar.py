"""The key bar: the keys of where the focus is, and clicks that do what the keys do."""

import pytest

from cryptex.protocol.terms import Side
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.keys.help_screen import HelpScreen
from cryptex.tui.keys.key_bar import KeyBar
from tests.tui.pilots import Desk, desk, until


def bar(on: Desk) -> str:
    """Return the key bar."""
    return on.screen.key_bar.render_line(0).text


async def click(on: Desk, label: str) -> None:
    """Click on a label of the bar."""
    await on.frame()
    await on.pilot.click(KeyBar, offset=(bar(on).index(label), 0))


async def test_it_shows_the_keys_of_the_panel_first_and_help_and_quit_always() -> None:
    async with desk((120, 40)) as on:
        for keys, label in (("l", "to ticket"), ("m", "open"), ("b", "send")):
            await on.pilot.press(keys)
            await on.frame()
            assert 0 < bar(on).index(label) < 20
            assert bar(on).rstrip().endswith("quit")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_no_label_is_cut(width: int) -> None:
    async with desk((width, 30)) as on:
        await on.frame()
        assert len(bar(on).rstrip()) < width
        assert "quit" in bar(on)


async def test_a_click_does_what_works_anywhere() -> None:
    async with desk((120, 40)) as on:
        await click(on, "sell")
        assert on.screen.desk.ticket.form.side is Side.SELL
        await click(on, "help")
        await until(on.pilot, lambda: isinstance(on.app.screen, HelpScreen))
        await on.pilot.click(offset=(1, 1))
        await until(on.pilot, lambda: on.app.screen is on.screen)


async def test_a_click_does_what_the_panel_can() -> None:
    async with desk((120, 40)) as on:
        await on.pilot.press("l", "down")
        await click(on, "to ticket")
        await until(on.pilot, lambda: on.field("price") != "")


async def test_a_click_sends_the_order_wherever_in_the_ticket_the_focus_is() -> None:
    async with desk((120, 40)) as on:
        await on.pilot.press("b", *"61000", "tab", "1")
        on.screen.query_one("#side", Choice).focus()
        await click(on, "send")
        await until(on.pilot, lambda: bool(on.exchange.called("place_order")))
