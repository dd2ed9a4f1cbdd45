"""The layouts that can be chosen: those that are built in, and the user's, which are kept in a file."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from textual.geometry import Size

from cryptex.tui.desk.layouts import DEFAULT, LAYOUTS
from cryptex.tui.desk.part import Part
from cryptex.tui.desk.plan import Choice
from cryptex.tui.settings.settings_file import SettingsFile

FILE_NAME: Final = "layouts.toml"
LAYOUTS_MAX: Final = 32
"""Layouts of the user's that are kept, at most."""
NAME_CHARACTERS_MAX: Final = 20


Cells = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class KeptLayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A layout of the user's: a built-in one, the panels turned off, the tabs in front, and the sizes asked for."""

    base: str = DEFAULT
    off: list[Part] = []
    front: list[Part] = []
    sizes: dict[Part, tuple[Cells, Cells]] = {}
    """Width and height that the user gave to panels; 0 where none."""

    def __post_init__(self) -> None:
        if self.base not in LAYOUTS:
            raise ValueError(f"base must be one of {', '.join(LAYOUTS)}")
        if set(self.off) == set(Part):
            raise ValueError("off leaves no panel")


class KeptLayouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds: the layout in use, and the user's layouts by name."""

    chosen: str = DEFAULT
    layouts: dict[str, KeptLayout] = {}


class Shelf:
    """Layouts by name. Methods that write return why they could not, or nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = SettingsFile(None if folder is None else folder / FILE_NAME, KeptLayouts)
        self.complaint = self._file.complaint

    @property
    def names(self) -> list[str]:
        """All names, the built-in ones first."""
        return list(dict.fromkeys((*LAYOUTS, *self._file.value.layouts)))

    @property
    def chosen(self) -> str:
        """The layout in use at the last look."""
        chosen = self._file.value.chosen
        return chosen if chosen in self.names else DEFAULT

    def is_users(self, name: str) -> bool:
        """Return whether a layout is the user's."""
        return name in self._file.value.layouts

    def choice(self, name: str) -> Choice:
        """Return what a layout shows."""
        kept = self._file.value.layouts.get(name)
        if kept is None:
            return Choice(name if name in LAYOUTS else DEFAULT)
        asked = tuple((part, Size(*size)) for part, size in kept.sizes.items())
        return Choice(kept.base, frozenset(kept.off), recent=tuple(kept.front), asked=asked)

    def after(self, name: str) -> str:
        """Return the next name."""
        names = self.names
        return names[(names.index(name) + 1) % len(names)] if name in names else names[0]

    def choose(self, name: str) -> str:
        """Remember which layout is in use."""
        return self._file.save(msgspec.structs.replace(self._file.value, chosen=name))

    def save(self, name: str, choice: Choice) -> str:
        """Keep a choice under a name, which may have been another's before."""
        layouts = self._file.value.layouts
        if name in LAYOUTS:
            return f"{name} is built in: take another name"
        if name not in layouts and len(layouts) >= LAYOUTS_MAX:
            return f"there are {LAYOUTS_MAX} layouts of yours: remove one first"
        front = [part for part in choice.recent if part not in choice.off]
        sizes = {part: (size.width, size.height) for part, size in choice.asked}
        kept = KeptLayout(choice.layout, sorted(choice.off), front, sizes)
        return self._file.save(KeptLayouts(name, {**layouts, name: kept}))

    def remove(self, name: str) -> str:
        """Forget a layout of the user's."""
        value = self._file.value
        left = {each: kept for each, kept in value.layouts.items() if each != name}
        return self._file.save(KeptLayouts(DEFAULT if value.chosen == name else value.chosen, left))


def fit_name(text: str) -> str:
    """Return a name as it is kept: printable, without spaces around, bounded; empty when nothing is left."""
    return "".join(c for c in text if c.isprintable()).strip()[:NAME_CHARACTERS_MAX].strip()
