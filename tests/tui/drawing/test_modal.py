"""What opens over the screen closes once, and alone, however often it is told to."""

import pytest
from textual.screen import ModalScreen

from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.deposit_screen import DepositScreen
from tests.tui.pilots import burst, desk, until


@pytest.mark.parametrize("key", ["?", "v", "D", "W", "X", "!", "colon", "u"])
async def test_escape_pressed_many_times_leads_back_and_no_further(key: str) -> None:
    async with desk() as on:
        await on.pilot.press(key)
        await until(on.pilot, lambda: isinstance(on.app.screen, ModalScreen) and on.app.screen.is_mounted)
        burst(on.app, *["escape"] * 4)
        await until(on.pilot, lambda: on.app.screen is on.screen)
        await on.pilot.pause()
        assert on.app.screen_stack[1:] == [on.screen]


async def test_a_choice_that_is_made_twice_is_one() -> None:
    async with desk() as on:
        given: list[str | None] = []
        on.app.push_screen(menu := MenuScreen("A menu", "Some words.", []), given.append)
        menu.dismiss("once")
        menu.dismiss("twice")
        await until(on.pilot, lambda: bool(given))
        await on.pilot.pause()
        assert given == ["once"]
        assert on.app.screen_stack[1:] == [on.screen]


async def test_what_ends_under_another_question_leaves_that_alone_and_closes_after_it() -> None:
    async with desk() as on:
        given: list[str | None] = []
        on.app.push_screen(below := MenuScreen("Below", "Some words.", []), given.append)
        on.app.push_screen(above := MenuScreen("Above", "Some words.", []))
        below.dismiss("done")
        await on.pilot.pause()
        assert on.app.screen is above
        above.dismiss(None)
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert given == ["done"]


async def test_a_deposit_that_is_done_while_a_quit_is_asked_about_does_not_answer_that() -> None:
    async with desk() as on:
        await on.pilot.press("D")
        await until(on.pilot, lambda: isinstance(on.app.screen, DepositScreen) and on.app.screen.is_mounted)
        deposit = on.app.screen
        assert isinstance(deposit, DepositScreen)
        on.app.push_screen(question := MenuScreen("Leave", "Some words.", []))
        deposit.begin(("USDT", "5"), "depositing")
        await until(on.pilot, lambda: bool(on.exchange.called("deposit")) and not deposit.busy)
        assert on.app.screen is question
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.screen)
        assert on.screen.model.activity[0].text == "deposited 5 USDT"
