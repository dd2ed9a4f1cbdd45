"""The look without colours: bold, dim, underline and reverse say what colours say elsewhere."""

from typing import Final

from rich.style import Style
from textual.theme import Theme

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.look import Look

MONO_NAME: Final = "mono"
_OWN: Final = "ansi_default"
"""The colour that the user's terminal gives by itself."""
_COLOURS: Final = (
    "ansi-background ansi-foreground bright muted faint badge buy sell buy-ground sell-ground accent-ground line focus "
    "raised cursor field field-focus"
)
"""Variables that Textual and our own CSS want beside those that Textual makes."""
_INKS: Final = {
    Ink.TEXT: "none",
    Ink.BRIGHT: "bold",
    Ink.MUTED: "none",
    Ink.FAINT: "dim",
    Ink.BUY: "bold",
    Ink.SELL: "dim",
    Ink.GOOD: "bold",
    Ink.BAD: "bold underline",
    Ink.ACCENT: "bold",
    Ink.INFO: "italic",
    Ink.BUY_BAR: "dim",
    Ink.SELL_BAR: "dim",
    Ink.BADGE: "bold reverse",
}
_BAR: Final = Style(underline=True)
_FULL: Final = Style(reverse=True)
_GROUNDS: Final = {
    Ground.PANEL: Style(),
    Ground.SCREEN: Style(),
    Ground.RAISED: _FULL,
    Ground.CURSOR: _FULL,
    Ground.BUY_BAR: _BAR,
    Ground.SELL_BAR: _BAR,
    Ground.BUY_CURSOR: _FULL,
    Ground.SELL_CURSOR: _FULL,
    Ground.BUY: _FULL,
    Ground.SELL: _FULL,
    Ground.ACCENT: _FULL,
    Ground.INFO: _FULL,
}


class MonoLook(Look):
    """No colour at all; what is stale is dim."""

    has_colour = False

    def __init__(self) -> None:
        super().__init__(MONO_NAME, "no colour at all")

    def _make(self, ink: Ink, ground: Ground | None, bold: bool, stale: bool) -> Style:
        under = Style() if ground is None else _GROUNDS[ground]
        if stale:
            return Style(dim=True) + under
        over = Style.parse(_INKS[ink])
        if ground is not None and _GROUNDS[ground] is _FULL:
            over += Style(dim=False)
        return over + under + Style(bold=True if bold else None)

    def theme(self) -> Theme:
        """Return a theme of the terminal's own two colours."""
        bare = Theme(name=self.name, primary=_OWN, foreground=_OWN, background=_OWN, panel=_OWN, ansi=True)
        given = bare.to_color_system().generate()
        bare.variables = {
            **{name: _OWN for name, value in given.items() if value.startswith("ansi_")},
            **dict.fromkeys(_COLOURS.split(), _OWN),
            **{ink.removeprefix("$"): style for ink, style in _INKS.items()},
            "badge-style": "bold reverse",
            "block-cursor-text-style": "reverse",
        }
        return bare
