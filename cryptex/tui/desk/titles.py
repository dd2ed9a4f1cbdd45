"""Titles in the frames of panels. Pure."""

from typing import Final

from textual.content import Content

from cryptex.tui.desk.actions import DESK
from cryptex.tui.desk.plan import TABS, Part
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

_NAMES: Final = {
    Part.LADDER: "Ladder",
    Part.TICKET: "Ticket",
    Part.ORDERS: "Open orders",
    Part.WALLET: "Wallet",
    Part.TAPE: "Tape",
    Part.MARKETS: "Markets",
    Part.ACTIVITY: "Activity",
}
_TAB_NAMES: Final = {**_NAMES, Part.ORDERS: "Orders", Part.ACTIVITY: "Log"}
_CAPS: Final = {Part(action.name.partition(".")[2]): action.cap for action in DESK}


def title(part: Part, model: TerminalModel, *, focused: bool) -> Content:
    """Return a panel's title: its key, its name, and how much there is or for which market."""
    name = f"bold {Ink.BRIGHT.value}" if focused else Ink.TEXT.value
    return Content.assemble(
        (f"{_CAPS[part]} ", Ink.ACCENT.value), (_NAMES[part], name), (_extra(part, model), Ink.MUTED.value)
    )


def tab_title(shown: Part, model: TerminalModel, *, focused: bool) -> Content:
    """Return the title of the panels that share one place: all names, the shown one lit."""
    lit = f"bold underline {Ink.BRIGHT.value if focused else Ink.ACCENT.value}"
    parts: list[tuple[str, str]] = []
    for part in TABS:
        name = _TAB_NAMES[part] + (f" {len(model.orders)}" if part is Part.ORDERS and model.orders else "")
        parts.append((name, lit if part is shown else Ink.MUTED.value))
        parts.append(("  ", Ink.FAINT.value))
    return Content.assemble(*parts[:-1])


def _extra(part: Part, model: TerminalModel) -> str:
    if part is Part.ORDERS and model.orders:
        return f" {len(model.orders)}"
    if part in (Part.LADDER, Part.TAPE) and model.market:
        return f" {model.market}"
    return ""
