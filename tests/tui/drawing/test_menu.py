"""Menus: arrows, letters and the mouse lead to the same."""

from textual.app import App, ComposeResult

from cryptex.tui.drawing.menu import Menu, Offer
from cryptex.tui.looks.wearing import LookApp

OFFERS = [
    Offer("first", "f", "Do this"),
    Offer("second", "s", "Do that", "and say so"),
    Offer("third", "t", "A label that is too long for its line"),
]


class OneMenu(LookApp):
    """A screen with a menu."""

    def __init__(self) -> None:
        super().__init__()
        self.picked: list[str] = []

    def compose(self) -> ComposeResult:
        yield Menu(OFFERS)

    def on_menu_picked(self, event: Menu.Picked) -> None:
        self.picked.append(event.name)


def rows(app: App[None]) -> list[str]:
    """Return the lines of the menu."""
    menu = app.query_one(Menu)
    return [menu.render_line(y).text.rstrip() for y in range(menu.size.height)]


async def test_arrows_and_enter_pick_and_go_round() -> None:
    app = OneMenu()
    async with app.run_test() as pilot:
        await pilot.press("enter", "up", "enter", "down", "down", "enter")
    assert app.picked == ["first", "third", "second"]


async def test_a_letter_picks_at_once() -> None:
    app = OneMenu()
    async with app.run_test() as pilot:
        await pilot.press("s", "x", "t")
    assert app.picked == ["second", "third"]


async def test_a_click_picks_what_it_hits_and_nothing_below() -> None:
    app = OneMenu()
    async with app.run_test() as pilot:
        await pilot.click(Menu, offset=(5, 1))
        await pilot.click(offset=(5, 10))
    assert app.picked == ["second"]


async def test_the_cursor_is_marked_and_what_does_not_fit_is_cut() -> None:
    app = OneMenu()
    async with app.run_test(size=(30, 10)) as pilot:
        await pilot.press("down")
        assert rows(app) == ["  f  Do this", "» s  Do that  and say so", "  t  A label that is too long…"]
