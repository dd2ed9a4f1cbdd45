"""A look: what every ink on every ground is drawn as, and the theme for Textual's own CSS.

Styles are made once a look and then found in a dictionary: no colour is worked out while frames are drawn.
"""

from typing import Final

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.looks.palette import Palette
from cryptex.tui.looks.up_down import OWN, UpDown, up_down

STALE_FADE: Final = 0.45
"""How far stale data fades into the screen."""
_BAR: Final = 0.2
_CURSOR: Final = 0.33
"""How much of a side's colour the bar and the cursor of its rows take."""


class Look:
    """How the terminal is drawn. `name` is the theme's, `has_colour` is false where only bold, dim and such exist."""

    has_colour = True

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self._styles: dict[tuple[Ink, Ground | None, bool, bool], Style] = {}

    def style(self, ink: Ink, ground: Ground | None = None, bold: bool = False, stale: bool = False) -> Style:
        """Return the style of an ink on a ground; stale styles fade."""
        key = (ink, ground, bold, stale)
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._make(ink, ground, bold, stale)
        return found

    def theme(self) -> Theme:
        """Return the theme for Textual."""
        raise NotImplementedError

    def _make(self, ink: Ink, ground: Ground | None, bold: bool, stale: bool) -> Style:
        raise NotImplementedError


class ColourLook(Look):
    """A palette with colours for up and down."""

    def __init__(self, palette: Palette, scheme: str = OWN) -> None:
        super().__init__(palette.name, palette.title)
        self._palette = palette
        self._scheme = scheme
        pair = up_down(scheme, palette)
        self.inks = _inks(palette, pair)
        self.grounds = _grounds(palette, pair)

    def _make(self, ink: Ink, ground: Ground | None, bold: bool, stale: bool) -> Style:
        over, under = self.inks[ink], None if ground is None else self.grounds[ground]
        if stale:
            over = blend(over, self._palette.screen, STALE_FADE)
            under = None if under is None else blend(under, self._palette.screen, STALE_FADE)
        return Style(color=over, bgcolor=under, bold=bold and not stale)

    def theme(self) -> Theme:
        """Return the theme for Textual; its name tells the scheme of up and down too."""
        palette = self._palette
        scheme = "" if self._scheme == OWN else "--" + self._scheme.replace("#", "").replace(",", "-").replace(" ", "")
        return Theme(
            name=self.name + scheme,
            primary=palette.info,
            secondary=palette.muted,
            accent=palette.accent,
            success=palette.good,
            error=palette.bad,
            warning=palette.accent,
            foreground=palette.text,
            background=palette.screen,
            surface=palette.panel,
            panel=palette.raised,
            dark=palette.dark,
            variables=self._variables(),
        )

    def _variables(self) -> dict[str, str]:
        palette, inks, grounds = self._palette, self.inks, self.grounds
        cursor = {"input-cursor-background": palette.accent, "input-cursor-foreground": inks[Ink.BADGE]}
        chosen = {"input-selection-background": palette.selection, "input-selection-foreground": palette.bright}
        return {
            **{ink.removeprefix("$"): colour for ink, colour in inks.items()},
            "bright": palette.bright,
            "muted": palette.muted,
            "faint": palette.faint,
            "badge": inks[Ink.BADGE],
            "buy": inks[Ink.BUY],
            "sell": inks[Ink.SELL],
            "buy-ground": grounds[Ground.BUY],
            "sell-ground": grounds[Ground.SELL],
            "accent-ground": grounds[Ground.ACCENT],
            "line": palette.line,
            "focus": palette.focus,
            "raised": palette.raised,
            "cursor": palette.cursor,
            "field": palette.field,
            "field-focus": palette.field_focus,
            "badge-style": "bold",
            "scrollbar": palette.line,
            "scrollbar-hover": palette.muted,
            "scrollbar-active": palette.focus,
            "scrollbar-background": palette.panel,
            "scrollbar-background-hover": palette.panel,
            "scrollbar-background-active": palette.panel,
            "block-cursor-background": palette.cursor,
            "block-cursor-foreground": palette.bright,
            "border": palette.focus,
            **cursor,
            **chosen,
        }


def blend(colour: str, into: str, share: float) -> str:
    """Return a colour with a share of another in it."""
    return Color.parse(colour).blend(Color.parse(into), share).hex.lower()


def _inks(palette: Palette, pair: UpDown) -> dict[Ink, str]:
    return {
        Ink.TEXT: palette.text,
        Ink.BRIGHT: palette.bright,
        Ink.MUTED: palette.muted,
        Ink.FAINT: palette.faint,
        Ink.BUY: pair.up,
        Ink.SELL: pair.down,
        Ink.GOOD: palette.good,
        Ink.BAD: palette.bad,
        Ink.ACCENT: palette.accent,
        Ink.INFO: palette.info,
        Ink.BUY_BAR: blend(palette.panel, pair.up, _BAR),
        Ink.SELL_BAR: blend(palette.panel, pair.down, _BAR),
        Ink.BADGE: palette.screen if palette.dark else "#ffffff",
    }


def _grounds(palette: Palette, pair: UpDown) -> dict[Ground, str]:
    panel = palette.panel
    return {
        Ground.PANEL: panel,
        Ground.SCREEN: palette.screen,
        Ground.RAISED: palette.raised,
        Ground.CURSOR: palette.cursor,
        Ground.BUY_BAR: blend(panel, pair.up, _BAR),
        Ground.SELL_BAR: blend(panel, pair.down, _BAR),
        Ground.BUY_CURSOR: blend(panel, pair.up, _CURSOR),
        Ground.SELL_CURSOR: blend(panel, pair.down, _CURSOR),
        Ground.BUY: pair.up,
        Ground.SELL: pair.down,
        Ground.ACCENT: palette.accent,
        Ground.INFO: palette.info,
    }
