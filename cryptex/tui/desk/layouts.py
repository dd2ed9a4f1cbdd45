"""The built-in layouts: for each its arrangements, from the roomiest to the smallest."""

from typing import Final

from textual.geometry import Size

from cryptex.tui.desk.part import Part
from cryptex.tui.desk.tree import Tree, columns, least, place, rows

LADDER, TICKET, CHART = Part.LADDER, Part.TICKET, Part.CHART
ORDERS, HISTORY, FILLS, WALLET, LEDGER = Part.ORDERS, Part.HISTORY, Part.FILLS, Part.WALLET, Part.LEDGER
TAPE, MARKETS, ALERTS, ACTIVITY = Part.TAPE, Part.MARKETS, Part.ALERTS, Part.ACTIVITY

_BOOKS: Final = (ORDERS, HISTORY, FILLS, WALLET, LEDGER, ACTIVITY, ALERTS)
_WALLET_WHOLE: Final = 11
"""Height at which four assets, their worth and the profit are shown."""
_FULL_LIST: Final = 80
"""Width at which lists of orders show every column."""
_WATCHLIST: Final = 38
"""Width at which the list of markets has room for sparklines."""

_HUGE: Final = columns(
    rows(place(MARKETS, width=_WATCHLIST), place(TAPE)),
    rows(
        columns(
            place(CHART, weight=3, width=50),
            place(LADDER),
            rows(
                place(TICKET), place(WALLET, height=_WALLET_WHOLE), place(ACTIVITY, weight=2), place(ALERTS), weight=0
            ),
            weight=2,
        ),
        columns(place(ORDERS, width=_FULL_LIST), place(HISTORY, FILLS, LEDGER, width=_FULL_LIST)),
        weight=5,
    ),
)
_BROAD: Final = columns(
    rows(place(MARKETS), place(TAPE), weight=0),
    rows(
        columns(
            place(CHART, weight=2, width=50),
            place(LADDER),
            rows(place(TICKET), place(WALLET, ACTIVITY), weight=0),
            weight=2,
        ),
        place(ORDERS, HISTORY, FILLS, LEDGER, ALERTS),
        weight=5,
    ),
)
_WIDE: Final = columns(
    place(LADDER),
    rows(
        place(CHART),
        columns(place(TICKET, weight=0), rows(place(MARKETS), place(TAPE, weight=0)), weight=0),
        place(*_BOOKS),
        weight=3,
    ),
)
_WIDER: Final = columns(
    place(LADDER),
    rows(
        place(CHART),
        columns(place(TICKET, weight=0), place(MARKETS, width=_WATCHLIST), place(TAPE), weight=0),
        place(*_BOOKS),
        weight=3,
    ),
)
_LOW: Final = columns(
    place(LADDER),
    place(CHART, weight=2),
    rows(place(TICKET), place(*_BOOKS, TAPE, MARKETS), weight=0),
)
_TALL: Final = columns(place(LADDER), rows(place(TICKET), place(CHART), place(*_BOOKS, TAPE, MARKETS)))
_SMALL: Final = columns(place(LADDER, CHART), rows(place(TICKET), place(*_BOOKS, TAPE, MARKETS)))
_TOWER: Final = rows(place(LADDER, height=15), place(TICKET), place(CHART, *_BOOKS, TAPE, MARKETS, height=12))
_NARROW: Final = rows(place(LADDER, CHART, *_BOOKS, TAPE, MARKETS), place(TICKET))
_ONE: Final = place(LADDER, TICKET, CHART, *_BOOKS, TAPE, MARKETS)

_CHART_BROAD: Final = columns(
    rows(place(MARKETS), place(TAPE), weight=0),
    rows(place(CHART, weight=3, width=60), place(*_BOOKS), weight=3),
    rows(place(TICKET), place(LADDER), weight=0),
)
_CHART_WIDE: Final = columns(
    rows(place(CHART, weight=3, width=60), place(*_BOOKS, TAPE, MARKETS)),
    rows(place(TICKET), place(LADDER), weight=0),
)
_CHART_SMALL: Final = columns(place(CHART), rows(place(TICKET), place(LADDER, *_BOOKS, TAPE, MARKETS)))
_CHART_NARROW: Final = rows(place(CHART, LADDER, *_BOOKS, TAPE, MARKETS), place(TICKET))
_CHART_ONE: Final = place(CHART, LADDER, TICKET, *_BOOKS, TAPE, MARKETS)

_LADDER_WIDE: Final = columns(
    place(LADDER, weight=2), place(TAPE), rows(place(TICKET), place(*_BOOKS, CHART, MARKETS), weight=0)
)
_LADDER_SMALL: Final = columns(place(LADDER), rows(place(TICKET), place(ORDERS, TAPE, *_BOOKS[1:], CHART, MARKETS)))
_LADDER_TOWER: Final = rows(place(LADDER, height=15), place(TICKET), place(TAPE, *_BOOKS, CHART, MARKETS, height=12))

_LESSON: Final = (WALLET, LEDGER, HISTORY, FILLS, ALERTS)
_TEACHING_WIDE: Final = columns(
    rows(place(LADDER), place(TAPE, MARKETS, CHART)),
    rows(
        columns(place(TICKET, weight=0), rows(place(WALLET), place(ACTIVITY, ALERTS))),
        place(ORDERS, HISTORY, FILLS),
        place(LEDGER),
        weight=2,
    ),
)
_TEACHING_SMALL: Final = columns(
    place(LADDER, TAPE, CHART), rows(place(TICKET), place(ACTIVITY, ORDERS, *_LESSON, MARKETS))
)

LAYOUTS: Final[dict[str, tuple[Tree, ...]]] = {
    "trader": (_HUGE, _BROAD, _WIDER, _WIDE, _LOW, _TALL, _SMALL, _TOWER, _NARROW, _ONE),
    "chart": (_CHART_BROAD, _CHART_WIDE, _CHART_SMALL, _CHART_NARROW, _CHART_ONE),
    "ladder": (_LADDER_WIDE, _LADDER_SMALL, _LADDER_TOWER, _NARROW, _ONE),
    "teaching": (_TEACHING_WIDE, _TEACHING_SMALL, _NARROW, _ONE),
}
"""By name, in the order in which F9 goes through them: all at once; the chart large; the ladder as high as the screen
beside the tape; and what an order moves, from the wallet to the ledger."""
DEFAULT: Final = "trader"
BARS: Final = 3
"""Rows of the market bar, which takes two on a narrow screen, and of the key bar."""
SMALLEST: Final = Size(least(_ONE).width, least(_ONE).height + BARS)
"""The smallest screen on which every panel can be used."""
