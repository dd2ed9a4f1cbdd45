"""Handlers of the actions on panels and on the terminal itself."""

from collections.abc import Callable

from cryptex.tui.desk.part import Part
from cryptex.tui.keys.help_screen import HelpScreen
from cryptex.tui.stage import Handler, Handlers, Stage


def desk_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    screen = stage.screen
    return {
        **{f"panel.{part}": _turn(stage, part) for part in Part if part is not Part.TICKET},
        "tab.next": lambda: stage.desk.next_tab(1),
        "tab.previous": lambda: stage.desk.next_tab(-1),
        "desk.zoom": stage.desk.zoom,
        "focus.next": lambda: _move(screen.focus_next),
        "focus.previous": lambda: _move(screen.focus_previous),
        "focus.leave": lambda: _leave(stage),
        "app.help": lambda: _help(stage),
        "app.quit": lambda: _quit(stage),
    }


def _turn(stage: Stage, part: Part) -> Handler:
    return lambda: stage.desk.turn(part)


def _move(focus: Callable[[], object]) -> None:
    focus()


def _leave(stage: Stage) -> None:
    stage.desk.turn(Part.LADDER)


async def _quit(stage: Stage) -> None:
    await stage.screen.app.action_quit()


def _help(stage: Stage) -> None:
    stage.screen.app.push_screen(HelpScreen())
