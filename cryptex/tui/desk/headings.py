"""What stands in the frames of panels, worked out anew only when it changed: it is asked for in every frame."""

from typing import Final

from textual.content import Content

from cryptex.tui.desk.part import Part
from cryptex.tui.desk.titles import Strip, count_text, extra_text, strip, strip_title, title
from cryptex.tui.desk.tree import Place
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.model import TerminalModel

CORNERS: Final = 6
"""Cells of a frame's top line that a title can not have: at either end a corner, a line and a space."""
TITLE_START: Final = 3
"""Cells of a frame's top line before its title."""


class Headings:
    """Titles of panels by themselves, tabs where panels share a place."""

    def __init__(self, model: TerminalModel, keymap: Keymap) -> None:
        self._model = model
        self._keymap = keymap
        self._made: dict[Part, tuple[object, Content]] = {}

    def cap(self, part: Part) -> str:
        """Return the key of a panel as written on the screen."""
        return self._keymap.cap_of(f"panel.{part}")

    def of(self, part: Part, found: Place, *, focused: bool) -> Content:
        """Return what stands in the frame of a panel that is shown at a place."""
        parts, region = found
        told = count_text if len(parts) > 1 else extra_text
        asked = (focused, parts, region.width, [told(each, self._model) for each in parts])
        made = self._made.get(part)
        if made is None or made[0] != asked:
            made = self._made[part] = (asked, self._make(part, found, focused=focused))
        return made[1]

    def tab_at(self, part: Part, found: Place, x: int) -> Part | None:
        """Return the panel whose name stands at a cell of the frame's top line."""
        if not TITLE_START <= x < found.region.width - TITLE_START:
            return None
        if len(found.parts) == 1:
            length = self.of(part, found, focused=False).cell_length
            return part if x < TITLE_START + length else None
        return self._strip(part, found).at(x - TITLE_START)

    def _make(self, part: Part, found: Place, *, focused: bool) -> Content:
        if len(found.parts) == 1:
            return title(part, self._model, self.cap(part), focused=focused)
        return strip_title(self._strip(part, found), part, focused=focused)

    def _strip(self, shown: Part, found: Place) -> Strip:
        return strip(found.parts, shown, self._model, found.region.width - CORNERS)
