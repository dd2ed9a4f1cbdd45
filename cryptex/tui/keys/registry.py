"""The registry of actions: one table, put together from those of the rooms."""

from typing import Final

from textual.binding import Binding

from cryptex.tui.desk.actions import DESK, GENERAL
from cryptex.tui.entry.actions import ENTRY
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.ladder.actions import LADDER
from cryptex.tui.looks.actions import LOOKS
from cryptex.tui.market.actions import MARKETS
from cryptex.tui.orders.actions import ORDERS
from cryptex.tui.ticket.actions import TICKET

ACTIONS: Final[tuple[Action, ...]] = (*TICKET, *DESK, *MARKETS, *LADDER, *ORDERS, *LOOKS, *ENTRY, *GENERAL)
"""In the order of the key bar and the help page."""


def bindings(place: Place) -> list[Binding]:
    """Return the bindings of a place."""
    return [action.binding() for action in ACTIONS if action.place is place]


def actions_of(place: Place) -> list[Action]:
    """Return the actions of a place that the help page names."""
    return [action for action in ACTIONS if action.place is place and action.help]
