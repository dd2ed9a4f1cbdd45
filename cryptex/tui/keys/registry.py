"""The registry of actions: one table, put together from those of the rooms."""

from typing import Final

from textual.binding import Binding

from cryptex.tui.account.actions import PAST, ROLL
from cryptex.tui.alerts.actions import ALERTS
from cryptex.tui.chart.actions import CHART
from cryptex.tui.desk.actions import DESK, GENERAL
from cryptex.tui.entry.actions import ENTRY
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.actions import KEYS
from cryptex.tui.ladder.actions import LADDER
from cryptex.tui.looks.actions import LOOKS
from cryptex.tui.market.actions import MARKETS, TAPE
from cryptex.tui.orders.actions import ORDERS
from cryptex.tui.ticket.actions import TICKET

ROOMS: Final[tuple[tuple[str, tuple[Action, ...]], ...]] = (
    ("Ticket", TICKET),
    ("Orders", ORDERS),
    ("Panels", DESK),
    ("Markets", (*MARKETS, *TAPE)),
    ("Ladder", LADDER),
    ("Chart", CHART),
    ("Past", PAST),
    ("Wallet and activity", ROLL),
    ("Alerts", ALERTS),
    ("Looks", LOOKS),
    ("Account", ENTRY),
    ("Terminal", (*KEYS, *GENERAL)),
)
"""The actions of each room under its name, in the order of the key bar and the page of keys."""
ACTIONS: Final = tuple(action for _, room in ROOMS for action in room)


def bindings(place: Place) -> list[Binding]:
    """Return the bindings of a place."""
    return [binding for action in ACTIONS if action.place is place for binding in action.bindings()]
