"""The colours of up and down: the palette's own, a named scheme, or two colours of the user's."""

import re
from typing import Final, NamedTuple

from cryptex.tui.looks.palette import Palette

OWN: Final = "theme"
"""Of the palette."""
_CUSTOM: Final = re.compile(r"(#[0-9a-fA-F]{6})\s*,\s*(#[0-9a-fA-F]{6})")
UNDERSTOOD: Final = "theme, green-red, red-green, blue-orange, or two colours such as #2dd4bf,#f472b6"


class UpDown(NamedTuple):
    """Two colours as `#rrggbb`."""

    up: str
    down: str


_DARK: Final = {
    "green-red": UpDown("#35c793", "#f2717f"),
    "red-green": UpDown("#f2717f", "#35c793"),
    "blue-orange": UpDown("#5db4f0", "#f09a3e"),
}
_LIGHT: Final = {
    "green-red": UpDown("#0a6b48", "#b01c38"),
    "red-green": UpDown("#b01c38", "#0a6b48"),
    "blue-orange": UpDown("#0a58a8", "#964400"),
}
SCHEMES: Final = (OWN, *_DARK)
"""Names of schemes; red-green is the convention of East Asia."""


def is_scheme(text: str) -> bool:
    """Return whether the text names a scheme, or is two colours."""
    return text in SCHEMES or _CUSTOM.fullmatch(text) is not None


def up_down(scheme: str, palette: Palette) -> UpDown:
    """Return the colours of a scheme on a palette. Raises ValueError where it is none."""
    if scheme == OWN:
        return UpDown(palette.up, palette.down)
    named = (_DARK if palette.dark else _LIGHT).get(scheme)
    if named is not None:
        return named
    custom = _CUSTOM.fullmatch(scheme)
    if custom is None:
        raise ValueError(f"{scheme!r} is no scheme of up and down: {UNDERSTOOD}")
    return UpDown(*(colour.lower() for colour in custom.groups()))
