"""What the user has set for the ticket: the section [ticket] of the settings file."""

import msgspec

from cryptex.tui.ticket.caution import Confirm
from cryptex.tui.ticket.form import amount
from cryptex.tui.ticket.presets import PRESETS, Preferences


class TicketSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`confirm`: which orders are asked about. `presets`: sizes in base of the keys 1 to 4, by market."""

    confirm: Confirm = Confirm.RISKY
    presets: dict[str, list[str]] = {}

    def __post_init__(self) -> None:
        for market, sizes in self.presets.items():
            if len(sizes) > PRESETS:
                raise ValueError(f"presets of {market}: at most {PRESETS} sizes")
            for size in sizes:
                if not amount(size):
                    raise ValueError(f"presets of {market}: {size!r} is no size above zero, such as '0.5'")

    @property
    def preferences(self) -> Preferences:
        """The same as the ticket works with it."""
        sizes = {market: tuple(amount(size) for size in given) for market, given in self.presets.items()}
        return Preferences(self.confirm, {m: tuple(s for s in given if s is not None) for m, given in sizes.items()})
