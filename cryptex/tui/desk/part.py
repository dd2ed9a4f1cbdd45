"""The panels of the trading screen, and how little room each can do with."""

from enum import StrEnum
from typing import Final

from textual.geometry import Size


class Part(StrEnum):
    """The panels, named as the parts of the model that they show; in the order of the tab key."""

    LADDER = "ladder"
    TICKET = "ticket"
    CHART = "chart"
    ORDERS = "orders"
    HISTORY = "history"
    FILLS = "fills"
    WALLET = "wallet"
    LEDGER = "ledger"
    TAPE = "tape"
    MARKETS = "markets"
    ALERTS = "alerts"
    ACTIVITY = "activity"


FRAME_ROWS: Final = 3
"""Rows of a panel that are not data: two of frame, one of headings."""
TICKET_SIZE: Final = Size(43, 12)
_LIST: Final = Size(43, 8)

LEAST: Final = {
    Part.LADDER: Size(37, 9),
    Part.TICKET: TICKET_SIZE,
    Part.CHART: Size(36, 10),
    Part.ORDERS: _LIST,
    Part.HISTORY: _LIST,
    Part.FILLS: _LIST,
    Part.WALLET: Size(38, 5),
    Part.LEDGER: _LIST,
    Part.TAPE: Size(34, 5),
    Part.MARKETS: Size(34, 5),
    Part.ALERTS: Size(38, 6),
    Part.ACTIVITY: Size(34, 5),
}
"""The smallest region, frame included, in which each panel can be used; no plan gives it less."""
