"""Scenes of the actions on one's own orders."""

from tests.tui.action_scene import Scene, calls, modal

SCENES = {
    "orders.cancel": Scene(calls("cancel_order"), ("f2",)),
    "orders.cancel_all": Scene(modal),
    "orders.up": Scene(lambda on: on.screen.desk.orders.selected, ("f2", "down")),
    "orders.down": Scene(lambda on: on.screen.desk.orders.selected, ("f2",)),
    "orders.cancel_here": Scene(calls("cancel_order"), ("f2",)),
}
