"""What can be done on the ladder."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

LADDER: Final = (
    Action("ladder.up", "up,k", "level above or below", "", Place.LADDER, "move(-1)", "↑ ↓"),
    Action("ladder.down", "down,j", "", "", Place.LADDER, "move(1)", "↓"),
    Action("ladder.pick", "enter", "price to the ticket", "to ticket", Place.LADDER, "pick", "⏎"),
    Action("ladder.coarser", "plus,equals_sign", "group prices more or less", "group", Place.LADDER, "group(1)", "+ -"),
    Action("ladder.finer", "minus,underscore", "", "", Place.LADDER, "group(-1)", "-"),
    Action("ladder.still", "h", "hold rows still, or centre them", "hold still", Place.LADDER),
    Action("ladder.flash", "n", "flash sizes that change, or not", "", Place.LADDER),
    Action("ladder.recentre", "r", "recentre the ladder"),
)
