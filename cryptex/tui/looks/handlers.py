"""Handlers of the actions on looks."""

from cryptex.tui.looks.wearing import LookApp
from cryptex.tui.model import Tone
from cryptex.tui.stage import Handlers, Stage


def look_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {"look.next": lambda: _next(stage)}


def _next(stage: Stage) -> None:
    app = stage.screen.app
    if not isinstance(app, LookApp):
        return
    if len(app.look_names) == 1:
        stage.note(Tone.PLAIN, "NO_COLOR is set: there is one theme, without colours")
        return
    app.wear_next()
    complaint = stage.settings.change("looks", "theme", app.look.name)
    stage.note(Tone.PLAIN, f"theme: {app.look.name}, {app.look.title}")
    if complaint:
        stage.note(Tone.WARN, complaint)
