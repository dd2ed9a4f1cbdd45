"""What the user sets about the ladder."""

import msgspec


class LadderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section [ladder]: whether rows stand still while prices move, and whether sizes that change light up."""

    still: bool = False
    flash: bool = True
