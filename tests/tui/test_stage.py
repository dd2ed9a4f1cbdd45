"""What opens over the trading screen is alone there, however fast the keys come that open it."""

import pytest
from textual.screen import ModalScreen

from tests.tui.pilots import burst, desk, until


@pytest.mark.parametrize("first", ["D", "W", "X", "!", "colon", "u"])
async def test_a_second_press_opens_nothing_more(first: str) -> None:
    async with desk() as on:
        burst(on.app, first, first, "u", "D", "W", "X", "colon", "u", "u")
        await until(on.pilot, lambda: isinstance(on.app.screen, ModalScreen) and on.app.screen.is_mounted)
        await on.pilot.pause()
        assert len(on.app.screen_stack[1:]) == 2


async def test_enter_in_the_ticket_twice_asks_once() -> None:
    async with desk() as on:
        await on.pilot.press("C", "b", *"61200", "tab", *"1")
        burst(on.app, "enter", "enter", "enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, ModalScreen) and on.app.screen.is_mounted)
        await on.pilot.pause()
        assert len(on.app.screen_stack[1:]) == 2
