"""The registry of keys: one table from which bindings, the key bar and the help page are made."""

from enum import StrEnum
from typing import Final, NamedTuple

from textual.binding import Binding


class Place(StrEnum):
    """Where a key works."""

    ANYWHERE = "anywhere"
    LADDER = "ladder"
    ORDERS = "orders"
    MARKETS = "markets"
    TICKET = "ticket"
    FIELD = "number field"


class Key(NamedTuple):
    """A key: what it runs, its short word for the key bar (none: help only), and what the help page says."""

    place: Place
    keys: str
    action: str
    label: str
    help: str
    shown: str = ""

    @property
    def cap(self) -> str:
        """The key as written on the screen."""
        return self.shown or self.keys

    def binding(self) -> Binding:
        """Return Textual's binding.

        Keys that work anywhere are taken before the focused widget sees them, so that a burst of keys is obeyed in
        its order: `b` must have moved the focus before the digits after it are typed. Digits belong to fields.
        """
        priority = self.place is Place.ANYWHERE and not self.keys.isdigit()
        return Binding(self.keys, self.action, self.label or self.help or self.keys, show=False, priority=priority)


KEYS: Final = (
    Key(Place.ANYWHERE, "b", "side('buy')", "buy", "buy"),
    Key(Place.ANYWHERE, "s", "side('sell')", "sell", "sell"),
    Key(Place.ANYWHERE, "1", "panel('orders')", "panels", "panels: orders, wallet …", "1-5"),
    Key(Place.ANYWHERE, "o", "order_type", "type", "order type"),
    Key(Place.ANYWHERE, "f", "force", "", "time in force"),
    Key(Place.ANYWHERE, "p", "post_only", "", "post only"),
    Key(Place.ANYWHERE, "l", "panel('ladder')", "ladder", "ladder"),
    Key(Place.ANYWHERE, "2", "panel('wallet')", "", ""),
    Key(Place.ANYWHERE, "3", "panel('tape')", "", ""),
    Key(Place.ANYWHERE, "4", "panel('markets')", "", ""),
    Key(Place.ANYWHERE, "5", "panel('activity')", "", ""),
    Key(Place.ANYWHERE, "right_square_bracket", "next_market(1)", "market", "next market", "]"),
    Key(Place.ANYWHERE, "left_square_bracket", "next_market(-1)", "", "previous market", "["),
    Key(Place.ANYWHERE, "x", "cancel", "cancel", "cancel the chosen order"),
    Key(Place.ANYWHERE, "X", "cancel_all", "cancel all", "cancel all (asks first)"),
    Key(Place.ANYWHERE, "tab", "app.focus_next", "", "next field or panel"),
    Key(Place.ANYWHERE, "shift+tab", "app.focus_previous", "", "previous one"),
    Key(Place.ANYWHERE, "escape", "leave", "", "back to the ladder", "esc"),
    Key(Place.ANYWHERE, "question_mark", "help", "help", "this page", "?"),
    Key(Place.ANYWHERE, "q", "app.quit", "quit", "quit; orders stay open"),
    Key(Place.LADDER, "up,k", "move(-1)", "", "line above or below", "↑ ↓"),
    Key(Place.LADDER, "down,j", "move(1)", "", "", "↓"),
    Key(Place.LADDER, "enter", "pick", "to ticket", "price to the ticket", "⏎"),
    Key(Place.ORDERS, "up,k", "move(-1)", "", "row above or below", "↑ ↓"),
    Key(Place.ORDERS, "down,j", "move(1)", "", "", "↓"),
    Key(Place.ORDERS, "x,delete,backspace", "screen.cancel", "cancel", "cancel this order", "x"),
    Key(Place.MARKETS, "up,k", "move(-1)", "", "", "↑"),
    Key(Place.MARKETS, "down,j", "move(1)", "", "", "↓"),
    Key(Place.MARKETS, "enter", "pick", "open", "trade this market", "⏎"),
    Key(Place.TICKET, "enter", "submit", "send", "send the order", "⏎"),
    Key(Place.FIELD, "up", "nudge(1)", "step", "a step up or down", "↑ ↓"),
    Key(Place.FIELD, "down", "nudge(-1)", "", "", "↓"),
    Key(Place.FIELD, "shift+up", "nudge(10)", "", "ten steps", "⇧ ↑ ↓"),
    Key(Place.FIELD, "shift+down", "nudge(-10)", "", "", "⇧↓"),
)


def bindings(place: Place) -> list[Binding]:
    """Return the bindings of a place."""
    return [key.binding() for key in KEYS if key.place is place]


def keys_of(place: Place) -> list[Key]:
    """Return the keys of a place that the help page names."""
    return [key for key in KEYS if key.place is place and key.help]
