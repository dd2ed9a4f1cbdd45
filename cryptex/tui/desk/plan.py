"""Where each panel of the trading screen stands, as a pure function of the screen's size.

Below the wide sizes one panel of a group is shown at a time, as tabs. Nothing overlaps and nothing is cut in half:
a panel either has a whole region or is not shown.
"""

from enum import StrEnum
from typing import Final

from textual.geometry import Region, Size

WIDE_WIDTH: Final = 114
WIDE_HEIGHT: Final = 32
HUGE_WIDTH: Final = 168
TICKET_HEIGHT: Final = 12
TICKET_WIDTH: Final = 43
SMALLEST: Final = Size(80, 24)
"""The smallest screen on which all of this can be read."""
COMPACT_LADDER_WIDTH: Final = 37
_BARS: Final = 2
_FRAME: Final = 3
"""Rows of a panel that are not data: two of frame, one of headings."""


class Part(StrEnum):
    """The panels of the trading screen, named as the parts of the model that they show."""

    LADDER = "ladder"
    TICKET = "ticket"
    ORDERS = "orders"
    WALLET = "wallet"
    TAPE = "tape"
    MARKETS = "markets"
    ACTIVITY = "activity"


TABS: Final = (Part.ORDERS, Part.WALLET, Part.TAPE, Part.MARKETS, Part.ACTIVITY)
"""The panels that share one place on a small screen."""

Plan = dict[Part, Region]


def is_compact(size: Size) -> bool:
    """Return whether the panels of TABS share one place at this screen size."""
    return size.width < WIDE_WIDTH or size.height < WIDE_HEIGHT


def plan(size: Size, tab: Part, markets: int, assets: int) -> Plan:
    """Return the region of each panel that is shown.

    `size` is the room between status bar and key bar; `tab` the chosen one of TABS; `markets` and `assets` are how
    many rows those two panels have to show. Empty below SMALLEST.
    """
    if size.width < SMALLEST.width or size.height < SMALLEST.height - _BARS:
        return {}
    if is_compact(Size(size.width, size.height + _BARS)):
        return _compact(size, tab)
    if size.width < HUGE_WIDTH:
        return _wide(size, markets, assets)
    return _huge(size, markets, assets)


def _compact(size: Size, tab: Part) -> Plan:
    left = min(max(COMPACT_LADDER_WIDTH, size.width * 45 // 100), size.width)
    right = size.width - left
    return {
        Part.LADDER: Region(0, 0, left, size.height),
        Part.TICKET: Region(left, 0, right, min(TICKET_HEIGHT, size.height)),
        tab: Region(left, TICKET_HEIGHT, right, max(0, size.height - TICKET_HEIGHT)),
    }


def _wide(size: Size, markets: int, assets: int) -> Plan:
    left = max(34, size.width * 27 // 100)
    right = TICKET_WIDTH
    middle = size.width - left - right
    bottom = max(8, size.height // 4)
    top = size.height - bottom
    listed = _rows(markets, top // 2)
    owned = _rows(assets, (top - TICKET_HEIGHT) // 2)
    return {
        Part.MARKETS: Region(0, 0, left, listed),
        Part.TAPE: Region(0, listed, left, size.height - listed),
        Part.LADDER: Region(left, 0, middle, top),
        Part.TICKET: Region(left + middle, 0, right, TICKET_HEIGHT),
        Part.WALLET: Region(left + middle, TICKET_HEIGHT, right, owned),
        Part.ACTIVITY: Region(left + middle, TICKET_HEIGHT + owned, right, top - TICKET_HEIGHT - owned),
        Part.ORDERS: Region(left, top, middle + right, bottom),
    }


def _huge(size: Size, markets: int, assets: int) -> Plan:
    left = size.width * 22 // 100
    ticket = TICKET_WIDTH
    wallet = max(38, size.width * 20 // 100)
    middle = size.width - left - ticket - wallet
    bottom = max(10, size.height // 4)
    top = size.height - bottom
    listed = _rows(markets, top // 2)
    high = max(TICKET_HEIGHT, _rows(assets, top // 2))
    right = left + middle
    return {
        Part.MARKETS: Region(0, 0, left, listed),
        Part.TAPE: Region(0, listed, left, size.height - listed),
        Part.LADDER: Region(left, 0, middle, top),
        Part.TICKET: Region(right, 0, ticket, high),
        Part.WALLET: Region(right + ticket, 0, wallet, high),
        Part.ACTIVITY: Region(right, high, ticket + wallet, top - high),
        Part.ORDERS: Region(left, top, size.width - left, bottom),
    }


def _rows(count: int, most: int) -> int:
    return min(max(count, 1) + _FRAME, max(_FRAME + 1, most))
