"""Scenes of the actions on one's own orders."""

from tests.tui.action_scene import Scene, calls, form, modal

SCENES = {
    "orders.cancel": Scene(calls("cancel_order"), ("f2",)),
    "orders.cancel_all": Scene(modal),
    "orders.amend": Scene(form, ("f2", "down")),
    "orders.on_disconnect": Scene(calls("cancel_on_disconnect")),
    "orders.dead_man": Scene(calls("cancel_after")),
    "orders.tick_up": Scene(calls("amend_order"), ("f2", "down")),
    "orders.tick_down": Scene(calls("amend_order"), ("f2", "down")),
    "orders.amend_here": Scene(form, ("f2", "down")),
    "orders.up": Scene(lambda on: on.screen.desk.orders.selected, ("f2", "down")),
    "orders.down": Scene(lambda on: on.screen.desk.orders.selected, ("f2",)),
    "orders.cancel_here": Scene(calls("cancel_order"), ("f2",)),
}
