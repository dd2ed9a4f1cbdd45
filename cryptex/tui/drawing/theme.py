"""What texts mean and what lies under them. Never a colour: `cryptex.tui.looks` knows those.

Widgets name an ink and a ground. Meaning is never carried by colour alone: texts have signs and arrows as well. The
values are names of theme variables, which styles of Textual's `Content` take: `Content.styled("old", Ink.MUTED)`,
`f"bold {Ink.BRIGHT}"`. In CSS, variables without `ink-` are colours: `$muted`, `$buy`, `$line`, `$field`.
"""

from enum import StrEnum


class Ink(StrEnum):
    """What a text means."""

    TEXT = "$ink-text"
    BRIGHT = "$ink-bright"
    MUTED = "$ink-muted"
    FAINT = "$ink-faint"
    """What one can do without: headings, the zeros at a number's end."""
    BUY = "$ink-buy"
    """Bids, buyers, rises: in the colour that the user calls up."""
    SELL = "$ink-sell"
    """Asks, sellers, falls."""
    GOOD = "$ink-good"
    BAD = "$ink-bad"
    ACCENT = "$ink-accent"
    INFO = "$ink-info"
    BUY_BAR = "$ink-buy-bar"
    """The half cell at the end of a bar of bids; its ground is Ground.BUY_BAR."""
    SELL_BAR = "$ink-sell-bar"
    BADGE = "$ink-badge"
    """What stands on a ground of full colour."""


class Ground(StrEnum):
    """What lies under a text."""

    PANEL = "panel"
    SCREEN = "screen"
    """Beside the panels."""
    RAISED = "raised"
    CURSOR = "cursor"
    BUY_BAR = "buy bar"
    SELL_BAR = "sell bar"
    BUY_CURSOR = "buy cursor"
    SELL_CURSOR = "sell cursor"
    BUY = "buy"
    """Full colour, like the three below; its text is Ink.BADGE."""
    SELL = "sell"
    ACCENT = "accent"
    INFO = "info"
