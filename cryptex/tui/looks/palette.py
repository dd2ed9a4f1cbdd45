"""A palette: the colours of a theme, before the user's choice of colours for up and down."""

from typing import NamedTuple


class Palette(NamedTuple):
    """Colours as `#rrggbb`. `up` and `down` are the palette's own; a scheme of the user's may replace them."""

    name: str
    title: str
    """What the list of themes says of it."""
    dark: bool
    screen: str
    panel: str
    raised: str
    field: str
    field_focus: str
    cursor: str
    line: str
    focus: str
    selection: str
    text: str
    bright: str
    muted: str
    faint: str
    accent: str
    info: str
    good: str
    bad: str
    up: str
    down: str
