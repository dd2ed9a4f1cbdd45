"""Titles in the frames of panels, and the strip of tabs where panels share a place. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.content import Content

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

NAMES: Final = {
    Part.LADDER: "Ladder",
    Part.TICKET: "Ticket",
    Part.CHART: "Chart",
    Part.ORDERS: "Open orders",
    Part.HISTORY: "Order history",
    Part.FILLS: "Fills",
    Part.WALLET: "Wallet",
    Part.LEDGER: "Ledger",
    Part.TAPE: "Tape",
    Part.MARKETS: "Markets",
    Part.ALERTS: "Alerts",
    Part.ACTIVITY: "Activity",
}
_TAB_NAMES: Final = {**NAMES, Part.ORDERS: "Orders", Part.HISTORY: "History", Part.ACTIVITY: "Log"}
_OF_MARKET: Final = frozenset({Part.LADDER, Part.CHART, Part.TAPE})
_GAP: Final = 2
_MORE_LEFT: Final = "< "
_MORE_RIGHT: Final = " >"


class Tab(NamedTuple):
    """A panel's name on a strip, from cell `start` up to `end`."""

    part: Part
    text: str
    start: int
    end: int


class Strip(NamedTuple):
    """As many tabs as there is room for, the shown one among them; whether there are more on either side."""

    tabs: tuple[Tab, ...]
    more_left: bool
    more_right: bool

    def at(self, x: int) -> Part | None:
        """Return the panel whose name stands at a cell."""
        return next((tab.part for tab in self.tabs if tab.start <= x < tab.end), None)


def title(part: Part, model: TerminalModel, cap: str, *, focused: bool) -> Content:
    """Return a panel's title: its key as written, its name, and how much there is or for which market."""
    name = f"bold {Ink.BRIGHT}" if focused else Ink.TEXT
    return Content.assemble((f"{cap} ".lstrip(), Ink.ACCENT), (NAMES[part], name), (extra_text(part, model), Ink.MUTED))


def strip(parts: Sequence[Part], shown: Part, model: TerminalModel, width: int) -> Strip:
    """Lay the names of the panels that share a place into `width` cells."""
    names = [_TAB_NAMES[part] + count_text(part, model) for part in parts]
    first, last = _window([len(name) for name in names], list(parts).index(shown), width)
    x = len(_MORE_LEFT) if first else 0
    tabs: list[Tab] = []
    for part, name in zip(parts[first:last], names[first:last], strict=True):
        tabs.append(Tab(part, name, x, x + len(name)))
        x += len(name) + _GAP
    return Strip(tuple(tabs), first > 0, last < len(parts))


def strip_title(laid: Strip, shown: Part, *, focused: bool) -> Content:
    """Return the title of panels that share a place: their names, the shown one lit."""
    lit = f"bold underline {Ink.BRIGHT if focused else Ink.ACCENT}"
    pieces: list[tuple[str, str]] = [(_MORE_LEFT, Ink.FAINT)] if laid.more_left else []
    for tab in laid.tabs:
        if tab is not laid.tabs[0]:
            pieces.append((" " * _GAP, Ink.FAINT))
        pieces.append((tab.text, lit if tab.part is shown else Ink.MUTED))
    if laid.more_right:
        pieces.append((_MORE_RIGHT, Ink.FAINT))
    return Content.assemble(*pieces)


def _window(lengths: Sequence[int], shown: int, width: int) -> tuple[int, int]:
    """Return which names, from and to, fit into `width` cells with the shown one, as near the start as can be."""
    for first in range(shown + 1):
        for last in range(len(lengths), shown, -1):
            marks = (len(_MORE_LEFT) if first else 0) + (len(_MORE_RIGHT) if last < len(lengths) else 0)
            if marks + sum(lengths[first:last]) + _GAP * (last - first - 1) <= width:
                return first, last
    return shown, shown + 1


def extra_text(part: Part, model: TerminalModel) -> str:
    """Return what a panel's title says beside its name."""
    if part not in _OF_MARKET or not model.market:
        return count_text(part, model)
    grouped = model.ladder.caption(model.market) if part is Part.LADDER else ""
    return f" {model.market}{grouped}"


def count_text(part: Part, model: TerminalModel) -> str:
    """Return how much there is in a panel, where its name says so."""
    return f" {len(model.orders)}" if part is Part.ORDERS and model.orders else ""
