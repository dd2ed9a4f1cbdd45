"""The page of keys: every action in force, by room, in one column or two. Pure."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from cryptex.tui.drawing.panel import BLANK, Line, Span
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.keymap import DEFAULT, Keymap
from cryptex.tui.keys.registry import ROOMS

TWO_COLUMNS_FROM: Final = 66
"""Cells of width."""
_GAP: Final = 2
_CAP_WIDTH: Final = 8
_NO_KEY: Final = "none"


class Row(NamedTuple):
    """Keys as written on the screen, and what they do."""

    cap: str
    help: str


class Group(NamedTuple):
    """Actions of one room that work in one place."""

    title: str
    rows: tuple[Row, ...]


def groups(keymap: Keymap = DEFAULT) -> list[Group]:
    """Return what the page tells, room by room."""
    found = []
    for title, room in ROOMS:
        for place in Place:
            rows = [_row(keymap.of(action.name), action) for action in room if action.place is place]
            told = tuple(row for row in rows if row is not None)
            if told:
                found.append(Group(title if place is Place.ANYWHERE else f"In the {place}", told))
    return found


def page(told: Sequence[Group], width: int) -> list[Line]:
    """Return the lines of the page."""
    if width < TWO_COLUMNS_FROM:
        return _column(told, width)
    column = (width - _GAP) // 2
    at = min(range(len(told) + 1), key=lambda at: max(_height(told[:at], column), _height(told[at:], column)))
    pairs = zip_longest(_column(told[:at], column), _column(told[at:], column), fillvalue=BLANK)
    return [(*_filled(left, column + _GAP), *right) for left, right in pairs]


def _row(action: Action, registered: Action) -> Row | None:
    """Return an action's row; none where a neighbour tells of it."""
    if not action.help and action == registered:
        return None
    return Row(action.cap or _NO_KEY, action.help or action.name)


def _height(told: Sequence[Group], width: int) -> int:
    return len(_column(told, width))


def _column(told: Sequence[Group], width: int) -> list[Line]:
    lines: list[Line] = []
    for group in told:
        lines += [BLANK] if lines else []
        lines.append((Span(group.title, Ink.MUTED, bold=True),))
        for row in group.rows:
            lines += _lines(row, width)
    return lines


def _lines(row: Row, width: int) -> list[Line]:
    """Return a row, its words below each other where they do not fit."""
    words = textwrap.wrap(row.help, max(8, width - _CAP_WIDTH - 1))
    caps = [row.cap, *[""] * (len(words) - 1)]
    return [(Span(f"{cap:>{_CAP_WIDTH}} ", Ink.ACCENT), Span(text)) for cap, text in zip(caps, words, strict=True)]


def _filled(line: Line, width: int) -> Line:
    return (*line, Span(" " * max(0, width - sum(len(span.text) for span in line))))
