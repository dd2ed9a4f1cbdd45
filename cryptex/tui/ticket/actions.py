"""What can be done with the ticket."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

TICKET: Final = (
    Action("ticket.buy", "b", "buy", "buy"),
    Action("ticket.sell", "s", "sell", "sell"),
    Action("ticket.type", "o", "order type", "type"),
    Action("ticket.force", "f", "time in force"),
    Action("ticket.post_only", "p", "post only"),
    Action("ticket.send", "enter", "send the order", "send", Place.TICKET, "submit", "⏎"),
    Action("field.up", "up", "a step up or down", "step", Place.FIELD, "nudge(1)", "↑ ↓"),
    Action("field.down", "down", "", "", Place.FIELD, "nudge(-1)", "↓"),
    Action("field.up_ten", "shift+up", "ten steps", "", Place.FIELD, "nudge(10)", "⇧ ↑ ↓"),
    Action("field.down_ten", "shift+down", "", "", Place.FIELD, "nudge(-10)", "⇧↓"),
)
