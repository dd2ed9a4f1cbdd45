"""Scenes of the actions on the ladder."""

from tests.tui.action_scene import Scene, field, text
from tests.tui.pilots import Desk
from tests.tui.scenes import BOOK, book, levels


def _cursor(on: Desk) -> object:
    """Return the level under the cursor."""
    return on.screen.desk.ladder.cursor


def _settings(on: Desk) -> object:
    """Return what is set about the ladder."""
    return on.screen.model.ladder.settings


def _prices_move(on: Desk) -> None:
    """Let the market rise by a few rows."""
    on.exchange.say(BOOK, book(levels(6123480, -150), levels(6123580, 125), sequence=2))


SCENES = {
    "ladder.up": Scene(_cursor, ("l", "down", "down")),
    "ladder.down": Scene(_cursor, ("l", "down")),
    "ladder.pick": Scene(field("price"), ("l", "down")),
    "ladder.coarser": Scene(text("ladder"), ("l",)),
    "ladder.finer": Scene(text("ladder"), ("l", "plus")),
    "ladder.still": Scene(_settings, ("l",)),
    "ladder.flash": Scene(_settings, ("l",)),
    "ladder.recentre": Scene(text("ladder"), ("l", "h"), _prices_move, ("down",)),
}
