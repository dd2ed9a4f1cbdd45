"""What a user can do in the terminal: the row of the registry from which keys, key bar, help and palette are made."""

from enum import StrEnum
from typing import Final, NamedTuple

from textual.binding import Binding

_EACH: Final = "{key}"
"""Where it stands in an action, the key stands that was pressed."""


class Place(StrEnum):
    """Where an action's keys work."""

    ANYWHERE = "anywhere"
    LADDER = "ladder"
    CHART = "chart"
    ORDERS = "orders"
    MARKETS = "markets"
    TAPE = "tape"
    ALERTS = "alerts"
    PAST = "history, fills, ledger"
    ROLL = "wallet, activity"
    TICKET = "ticket"
    FIELD = "number field"


class Action(NamedTuple):
    """An action by its lasting name, which the user's keymap and the palette know too.

    `run` is Textual's action on the widget of the place; actions that work anywhere have none: the trading screen
    finds their handler by name. `label` is the short word of the key bar (none: not there), `help` what the help page
    says (none: it is told with its neighbour), `shown` the keys as written on the screen.
    """

    name: str
    keys: str
    help: str
    label: str = ""
    place: Place = Place.ANYWHERE
    run: str = ""
    shown: str = ""

    @property
    def cap(self) -> str:
        """The key as written on the screen."""
        return self.shown or self.keys

    @property
    def deed(self) -> str:
        """Textual's action."""
        return self.run or f"screen.act('{self.name}')"

    @property
    def is_taken_first(self) -> bool:
        """Whether its keys are taken before the focused widget sees them.

        Those that work anywhere are, so that a burst of keys is obeyed in its order: `b` must have moved the focus
        before the digits after it are typed. Digits belong to fields; so the ticket takes those that no field has.
        """
        if self.place is Place.TICKET:
            return _EACH in self.run
        return self.place is Place.ANYWHERE and not self.keys.isdigit()

    def bindings(self) -> list[Binding]:
        """Return Textual's bindings; their id is the name, by which a keymap changes their keys."""
        words = self.label or self.help or self.name
        many = self.keys.split(",") if _EACH in self.run else [self.keys]
        return [
            Binding(keys, self.deed.replace(_EACH, keys), words, show=False, priority=self.is_taken_first, id=self.name)
            for keys in many
        ]
