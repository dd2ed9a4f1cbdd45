"""Handlers of the actions on panels and on the terminal itself."""

from collections.abc import Callable
from typing import Final

from cryptex.tui.desk.name_screen import NameScreen
from cryptex.tui.desk.panes_screen import PanesScreen
from cryptex.tui.desk.part import Part
from cryptex.tui.keys.help_screen import HelpScreen
from cryptex.tui.model import Tone
from cryptex.tui.stage import Handler, Handlers, Stage

_COLUMNS: Final = 4
_ROWS: Final = 2
"""By how much a panel gets larger at a press."""


def desk_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    screen = stage.screen
    return {
        **{f"panel.{part}": _turn(stage, part) for part in Part if part is not Part.TICKET},
        "tab.next": lambda: stage.desk.next_tab(1),
        "tab.previous": lambda: stage.desk.next_tab(-1),
        "desk.zoom": stage.desk.zoom,
        "desk.wider": lambda: stage.desk.resize(_COLUMNS, 0),
        "desk.narrower": lambda: stage.desk.resize(-_COLUMNS, 0),
        "desk.higher": lambda: stage.desk.resize(0, _ROWS),
        "desk.lower": lambda: stage.desk.resize(0, -_ROWS),
        "desk.panes": lambda: _panes(stage),
        "layout.next": lambda: _next_layout(stage),
        "layout.save": lambda: _save_layout(stage),
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
    desk = stage.desk
    desk.ticket.leave_amending()
    if desk.ladder.aim is not None:
        desk.ladder.put_cursor_away()
    elif Part.LADDER in desk.choice.off:
        stage.screen.set_focus(None)
        desk.settle()
    else:
        desk.turn(Part.LADDER)


def _panes(stage: Stage) -> None:
    stage.open(PanesScreen(stage.desk, lambda complaint: _say(stage, complaint)))


def _next_layout(stage: Stage) -> None:
    name = stage.desk.shelf.after(stage.desk.layout_name)
    _say(stage, stage.desk.take_layout(name), f"layout: {name}")


def _save_layout(stage: Stage) -> None:
    desk = stage.desk

    def named(name: str | None) -> None:
        if name:
            _say(stage, desk.keep_layout(name), f"layout saved as {name}")

    stage.open(NameScreen(desk.layout_name if desk.shelf.is_users(desk.layout_name) else ""), named)


def _say(stage: Stage, complaint: str, done: str = "") -> None:
    """Log what could not be done, else what was."""
    if complaint or done:
        stage.note(Tone.WARN if complaint else Tone.PLAIN, complaint or done)


async def _quit(stage: Stage) -> None:
    await stage.screen.app.action_quit()


def _help(stage: Stage) -> None:
    stage.open(HelpScreen(stage.keymap))
