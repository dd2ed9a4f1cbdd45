"""The terminal's colours: a Textual theme, and the rich styles that line-drawing widgets use.

Widgets name an ink (what a text means) and a ground (what lies under it), never a colour. Meaning is never carried
by colour alone: texts have signs and arrows as well.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

NIGHT: Final = "#0a0d13"
PANEL: Final = "#0e131b"
RAISED: Final = "#171e2a"
LINE: Final = "#232d3b"
FOCUS: Final = "#e0a83e"
STALE_FADE: Final = 0.62
"""How far stale data fades into its ground."""


class Ink(StrEnum):
    """What a text means."""

    TEXT = "#c6d0dc"
    BRIGHT = "#f3f6fa"
    MUTED = "#76859a"
    FAINT = "#465366"
    BUY = "#35c793"
    SELL = "#f2647a"
    ACCENT = "#e6b450"
    INFO = "#67b0f5"
    NIGHT = NIGHT


class Ground(StrEnum):
    """What lies under a text."""

    PANEL = PANEL
    NIGHT = NIGHT
    RAISED = RAISED
    BUY_BAR = "#0f352d"
    SELL_BAR = "#40202b"
    BUY_CURSOR = "#1f6b57"
    SELL_CURSOR = "#7c3446"
    CURSOR = "#26354a"
    BUY = "#2bb583"
    SELL = "#e25b70"
    ACCENT = "#e0a83e"
    INFO = "#4f9fe8"


@lru_cache(maxsize=512)
def style(ink: Ink, ground: Ground | None = None, bold: bool = False, stale: bool = False) -> Style:
    """Return the rich style of an ink on a ground; stale styles fade."""
    if not stale:
        return Style(color=ink.value, bgcolor=ground.value if ground else None, bold=bold)
    base = Color.parse(NIGHT)
    faded = Color.parse(ink.value).blend(base, STALE_FADE)
    under = Color.parse(ground.value).blend(base, STALE_FADE) if ground else None
    return Style(color=faded.hex, bgcolor=under.hex if under else None)


THEME: Final = Theme(
    name="cryptex",
    primary=Ink.INFO.value,
    secondary=Ink.MUTED.value,
    accent=Ink.ACCENT.value,
    success=Ink.BUY.value,
    error=Ink.SELL.value,
    warning=Ink.ACCENT.value,
    foreground=Ink.TEXT.value,
    background=NIGHT,
    surface=PANEL,
    panel=RAISED,
    dark=True,
    variables={
        "line": LINE,
        "focus": FOCUS,
        "muted": Ink.MUTED.value,
        "faint": Ink.FAINT.value,
        "bright": Ink.BRIGHT.value,
        "raised": RAISED,
        "field": "#131a25",
        "input-cursor-background": Ink.ACCENT.value,
        "input-cursor-foreground": NIGHT,
        "input-selection-background": "#2d4a6b",
        "input-selection-foreground": Ink.BRIGHT.value,
        "scrollbar": LINE,
        "scrollbar-background": PANEL,
    },
)
