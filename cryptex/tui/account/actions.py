"""What can be done in the tables of the account's past, and in the panels that roll: wallet and activity."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

PAST: Final = (
    Action("past.up", "up,k", "row above or below", "", Place.PAST, "move(-1)", "↑ ↓"),
    Action("past.down", "down,j", "", "", Place.PAST, "move(1)", "↓"),
    Action("past.page_up", "pageup", "a page up or down", "", Place.PAST, "page(-1)", "pg ↑ ↓"),
    Action("past.page_down", "pagedown", "", "", Place.PAST, "page(1)", "pg ↓"),
    Action("past.newest", "home", "the newest", "newest", Place.PAST, "newest", "home"),
    Action("past.retry", "enter", "read again what could not be read", "", Place.PAST, "retry", "⏎"),
)
ROLL: Final = (
    Action("roll.up", "up,k", "roll up or down", "", Place.ROLL, "roll(-1)", "↑ ↓"),
    Action("roll.down", "down,j", "", "", Place.ROLL, "roll(1)", "↓"),
    Action("roll.page_up", "pageup", "a page up or down", "", Place.ROLL, "roll_page(-1)", "pg ↑ ↓"),
    Action("roll.page_down", "pagedown", "", "", Place.ROLL, "roll_page(1)", "pg ↓"),
    Action("roll.top", "home", "back to the top", "top", Place.ROLL, "roll_top", "home"),
)
