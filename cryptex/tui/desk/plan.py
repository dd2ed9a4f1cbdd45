"""Where each panel of the trading screen stands, as a pure function of the screen's size and the user's choice.

Of a layout's arrangements the first that fits is taken, so nothing is cut in half and nothing overlaps: a panel has a
whole region, or shares one as a tab.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from textual.geometry import NULL_SIZE, Size

from cryptex.tui.desk.layouts import DEFAULT, LAYOUTS
from cryptex.tui.desk.part import Part
from cryptex.tui.desk.tree import Place, Tree, Wanted, cut, least, place, pruned, resized

__all__ = ["Choice", "Part", "Plan", "plan"]

Plan = dict[Part, Place]
"""The panels that are shown, each with its region and the panels that share it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose of the desk: its layout, panels turned off, one that fills the screen, tabs in front."""

    layout: str = DEFAULT
    off: frozenset[Part] = frozenset()
    zoomed: Part | None = None
    recent: tuple[Part, ...] = ()
    """Panels that were called, the last one first: of those that share a place, the first of these is in front."""
    asked: tuple[tuple[Part, Size], ...] = ()
    """Panels to which the user gave a size, 0 where none, the last one first; it holds where there is room for it."""

    def called(self, part: Part) -> "Choice":
        """Return the choice after a panel was called: it is on, in front, and no other hides it."""
        recent = (part, *(p for p in self.recent if p is not part))
        return replace(self, off=self.off - {part}, recent=recent, zoomed=self.zoomed if self.zoomed is part else None)

    def turned_zoom(self, part: Part) -> "Choice":
        """Return the choice with a panel over the whole screen, or no longer."""
        return replace(self, zoomed=None if self.zoomed is part else part)

    def turned_off(self, part: Part, present: Set[Part]) -> "Choice":
        """Return the choice with a panel turned off, or on again; the last one that is on stays."""
        if part in self.off:
            return replace(self, off=self.off - {part})
        if not present - self.off - {part}:
            return self
        return replace(self, off=self.off | {part}, zoomed=None if self.zoomed is part else self.zoomed)

    def sized(self, part: Part, now: Size, columns: int, rows: int) -> "Choice":
        """Return the choice with a panel so many columns and rows larger than `now`, or smaller."""
        asked = dict(self.asked)
        width, height = asked.pop(part, NULL_SIZE)
        size = Size(now.width + columns if columns else width, now.height + rows if rows else height)
        return replace(self, asked=((part, size), *asked.items()))

    def front(self, parts: tuple[Part, ...]) -> Part:
        """Return which of the panels that share a place is shown."""
        return min(parts, key=lambda p: self.recent.index(p) if p in self.recent else len(self.recent))


def plan(size: Size, choice: Choice, present: Set[Part], wanted: Wanted) -> Plan:
    """Return the place of each panel that is shown.

    `size` is the room between the bars, `present` the panels that there are, `wanted` how many rows, frame included,
    those have to show that may have few. Empty when the screen is too small for any arrangement.
    """
    trees: Iterable[Tree] = LAYOUTS.get(choice.layout, LAYOUTS[DEFAULT])
    if choice.zoomed is not None and choice.zoomed in present:
        trees = [place(choice.zoomed)]
    for tree in trees:
        kept = pruned(tree, present - choice.off)
        if kept is not None and _fits(least(kept), size):
            wished = resized(kept, dict(choice.asked))
            kept = wished if _fits(least(wished), size) else kept
            return {choice.front(found.parts): found for found in cut(kept, size.region, wanted)}
    return {}


def _fits(need: Size, size: Size) -> bool:
    return need.width <= size.width and need.height <= size.height
