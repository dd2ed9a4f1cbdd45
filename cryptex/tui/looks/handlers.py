"""Handlers of the actions on looks."""

from cryptex.tui.looks.wearing import LookApp
from cryptex.tui.model import Tone
from cryptex.tui.stage import Handlers, Stage


def look_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {"look.next": lambda: _next(stage)}


def look_app(stage: Stage) -> LookApp:
    """Return the application as one that wears a look. Raises TypeError where it can not."""
    app = stage.screen.app
    if not isinstance(app, LookApp):
        raise TypeError(app)
    return app


def keep_look(stage: Stage, name: str) -> None:
    """Choose a theme, now and for later."""
    app = look_app(stage)
    app.wear(name, app.scheme)
    _keep(stage, "theme", name, f"theme: {name}, {app.look.title}")


def keep_scheme(stage: Stage, scheme: str) -> None:
    """Choose the colours of up and down, now and for later."""
    app = look_app(stage)
    app.wear(app.chosen, scheme)
    _keep(stage, "up_down", scheme, f"colours of up and down: {scheme}")


def _next(stage: Stage) -> None:
    app = look_app(stage)
    if len(app.look_names) == 1:
        stage.note(Tone.PLAIN, "NO_COLOR is set: there is one theme, without colours")
        return
    app.wear_next()
    keep_look(stage, app.chosen)


def _keep(stage: Stage, key: str, value: str, done: str) -> None:
    complaint = stage.settings.change("looks", key, value)
    stage.note(Tone.PLAIN, done)
    if complaint:
        stage.note(Tone.WARN, complaint)
