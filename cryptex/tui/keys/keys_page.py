"""All keys as a page for users: `python -m cryptex.tui.keys.keys_page > docs/keys.md`."""

import sys
from collections.abc import Sequence
from typing import Final

from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.key_names import cap, one_form
from cryptex.tui.keys.registry import ROOMS

_BEGIN: Final = """\
# Keys

Every action of the terminal, with its keys, and the name by which the section `[keys]` of the settings file gives it
others ([traders.md](traders.md#settings)). In the terminal `?` shows the keys in force, and `^p` or `:` finds an action
by a few letters of what it does. `^` is ctrl, `⇧` shift. This page is generated from the terminal's actions.
"""


def page() -> str:
    """Return the page."""
    tables = [_table(title, room, place) for title, room in ROOMS for place in Place]
    return "\n".join([_BEGIN, *filter(None, tables)])


def _table(title: str, room: Sequence[Action], place: Place) -> str:
    actions = [action for action in room if action.place is place]
    if not actions:
        return ""
    where = title if place is Place.ANYWHERE else f"In the {place}"
    rows = [f"| {_caps(action)} | {_told(action, room)} | `{action.name}` |\n" for action in actions]
    return f"## {where}\n\n| keys | what they do | action |\n|---|---|---|\n{''.join(rows)}"


def _caps(action: Action) -> str:
    return " ".join(f"`{_safe(cap(one_form(key)))}`" for key in action.keys.split(","))


def _told(action: Action, room: Sequence[Action]) -> str:
    """Return what an action does; its neighbour's words where that tells of it."""
    before = room[: room.index(action) + 1]
    return _safe(next(each.help for each in reversed(before) if each.help))


def _safe(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
