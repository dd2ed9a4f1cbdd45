"""What can be done with one's own orders."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

_CANCEL: Final = "screen.act('orders.cancel')"
_AMEND: Final = "screen.act('orders.amend')"

ORDERS: Final = (
    Action("orders.cancel", "x", "cancel the chosen order", "cancel"),
    Action("orders.cancel_all", "X", "cancel all (asks first)", "cancel all"),
    Action("orders.amend", "a", "amend the chosen order", "amend"),
    Action("orders.on_disconnect", "K", "cancel on disconnect, on or off"),
    Action("orders.dead_man", "M", "dead man's switch, on or off"),
    Action("orders.up", "up,k", "row above or below", "", Place.ORDERS, "move(-1)", "↑ ↓"),
    Action("orders.down", "down,j", "", "", Place.ORDERS, "move(1)", "↓"),
    Action("orders.tick_up", "plus,equals_sign", "a tick up or down", "tick", Place.ORDERS, "nudge(1)", "+ -"),
    Action("orders.tick_down", "minus", "", "", Place.ORDERS, "nudge(-1)", "-"),
    Action("orders.amend_here", "enter", "amend or edit this order", "", Place.ORDERS, _AMEND, "⏎"),
    Action("orders.cancel_here", "delete,backspace", "cancel this order", "", Place.ORDERS, _CANCEL, "del"),
)
