"""All looks by name, in the order in which ctrl+t goes through them."""

from functools import lru_cache
from typing import Final

from cryptex.tui.looks.look import ColourLook, Look
from cryptex.tui.looks.mono import MONO_NAME, MonoLook
from cryptex.tui.looks.palettes import NIGHT, PALETTES
from cryptex.tui.looks.up_down import OWN

DEFAULT_NAME: Final = NIGHT.name
LOOK_NAMES: Final = (*(palette.name for palette in PALETTES), MONO_NAME)


@lru_cache(maxsize=16)
def look_named(name: str, scheme: str = OWN) -> Look:
    """Return a look. Raises KeyError for a name, and ValueError for a scheme of up and down, that are not known."""
    if name == MONO_NAME:
        return MonoLook()
    return ColourLook({palette.name: palette for palette in PALETTES}[name], scheme)


DEFAULT: Final = look_named(DEFAULT_NAME)
