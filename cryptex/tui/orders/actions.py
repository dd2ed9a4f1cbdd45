"""What can be done with one's own orders."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

_CANCEL: Final = "screen.act('orders.cancel')"

ORDERS: Final = (
    Action("orders.cancel", "x", "cancel the chosen order", "cancel"),
    Action("orders.cancel_all", "X", "cancel all (asks first)", "cancel all"),
    Action("orders.up", "up,k", "row above or below", "", Place.ORDERS, "move(-1)", "↑ ↓"),
    Action("orders.down", "down,j", "", "", Place.ORDERS, "move(1)", "↓"),
    Action("orders.cancel_here", "delete,backspace", "cancel this order", "", Place.ORDERS, _CANCEL, "del"),
)
