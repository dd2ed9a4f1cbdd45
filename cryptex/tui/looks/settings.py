"""What the user sets about looks."""

import msgspec

from cryptex.tui.looks.catalogue import DEFAULT_NAME, LOOK_NAMES
from cryptex.tui.looks.up_down import OWN, UNDERSTOOD, is_scheme


class LooksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section [looks]."""

    theme: str = DEFAULT_NAME
    up_down: str = OWN

    def __post_init__(self) -> None:
        if self.theme not in LOOK_NAMES:
            raise ValueError(f"theme is one of {', '.join(LOOK_NAMES)}")
        if not is_scheme(self.up_down):
            raise ValueError(f"up_down is {UNDERSTOOD}")
