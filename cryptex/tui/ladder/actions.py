"""What can be done on the ladder."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

LADDER: Final = (
    Action("ladder.up", "up,k", "line above or below", "", Place.LADDER, "move(-1)", "↑ ↓"),
    Action("ladder.down", "down,j", "", "", Place.LADDER, "move(1)", "↓"),
    Action("ladder.pick", "enter", "price to the ticket", "to ticket", Place.LADDER, "pick", "⏎"),
)
