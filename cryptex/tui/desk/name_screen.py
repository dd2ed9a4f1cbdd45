"""Asks under which name a layout is kept."""

from typing import ClassVar

from cryptex.tui.desk.shelf import NAME_CHARACTERS_MAX, fit_name
from cryptex.tui.drawing.prompt_screen import PromptScreen

_NOTE = "Panels that are on, and the tabs in front, are kept."


class NameScreen(PromptScreen):
    """Gives the name, or nothing when the user leaves."""

    VERB: ClassVar = "saves"

    def __init__(self, name: str) -> None:
        super().__init__("Save this layout as", name, length_max=NAME_CHARACTERS_MAX, notes=(_NOTE,))

    def understood(self, typed: str) -> str:
        """Return the name as it is kept."""
        return fit_name(typed)
