"""What can be done with markets."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

MARKETS: Final = (
    Action("market.next", "right_square_bracket", "next market", "market", shown="]"),
    Action("market.previous", "left_square_bracket", "previous market", shown="["),
    Action("markets.up", "up,k", "row above or below", "", Place.MARKETS, "move(-1)", "↑ ↓"),
    Action("markets.down", "down,j", "", "", Place.MARKETS, "move(1)", "↓"),
    Action("markets.sort", "n", "sort by change, or as listed", "sort", Place.MARKETS, "sort"),
    Action("markets.pick", "enter", "trade this market", "open", Place.MARKETS, "pick", "⏎"),
)
TAPE: Final = (
    Action("tape.up", "up,k", "row above or below, the tape stopped", "", Place.TAPE, "move(-1)", "↑ ↓"),
    Action("tape.down", "down,j", "", "", Place.TAPE, "move(1)", "↓"),
    Action("tape.join", "space", "one row for what one order traded at a price", "join", Place.TAPE, "join", "space"),
    Action("tape.pick", "enter", "price to the ticket", "to ticket", Place.TAPE, "pick", "⏎"),
)
