"""Handlers of the actions about keys."""

from cryptex.tui.keys.choices import choices
from cryptex.tui.keys.palette import Palette
from cryptex.tui.looks.handlers import look_app
from cryptex.tui.stage import Handlers, Stage


def key_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {"app.palette": lambda: _palette(stage)}


def _palette(stage: Stage) -> None:
    stage.open(Palette(choices(stage), look_app(stage).end_preview))
