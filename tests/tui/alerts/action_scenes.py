"""Scenes of the actions on alerts."""

from cryptex.tui.alerts.alerts_table import AlertsTable
from tests.tui.action_scene import Scene, modal
from tests.tui.pilots import Desk
from tests.tui.scenes import BTC


def _two(on: Desk) -> None:
    """Set two alerts."""
    for rule in ("price>70000", "price<50000"):
        assert on.screen.alerts.add(BTC, rule) == ""


def _chosen(on: Desk) -> object:
    """Return the alert under the cursor."""
    return on.screen.query_one(AlertsTable).selected


SCENES = {
    "alerts.add": Scene(modal),
    "alerts.up": Scene(_chosen, ("f5",), _two, ("down",)),
    "alerts.down": Scene(_chosen, ("f5",), _two),
    "alerts.change": Scene(lambda on: on.text("alerts"), ("f5",)),
    "alerts.remove": Scene(lambda on: on.text("alerts"), ("f5",)),
}
