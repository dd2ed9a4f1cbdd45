"""What can be done with alerts."""

from typing import Final

from cryptex.tui.keys.action import Action, Place

ALERTS: Final = (
    Action("alerts.add", "exclamation_mark", "alert at a price", "alert", shown="!"),
    Action("alerts.up", "up,k", "row above or below", "", Place.ALERTS, "move(-1)", "↑ ↓"),
    Action("alerts.down", "down,j", "", "", Place.ALERTS, "move(1)", "↓"),
    Action("alerts.change", "enter", "change it; fills on or off", "change", Place.ALERTS, "change", "⏎"),
    Action("alerts.remove", "delete,backspace", "delete it", "delete", Place.ALERTS, "remove", "del"),
)
