"""The strip of tabs, as wide as there is room."""

import pytest

from cryptex.tui.desk.part import Part
from cryptex.tui.desk.titles import strip, strip_title
from cryptex.tui.model import TerminalModel

PARTS = (Part.ORDERS, Part.HISTORY, Part.FILLS, Part.WALLET, Part.LEDGER)


def text(shown: Part, width: int) -> str:
    return strip_title(strip(PARTS, shown, TerminalModel(), width), shown, focused=False).plain


@pytest.mark.parametrize(
    ("width", "shown", "expected"),
    [
        (60, Part.ORDERS, "Orders  History  Fills  Wallet  Ledger"),
        (38, Part.LEDGER, "Orders  History  Fills  Wallet  Ledger"),
        (37, Part.ORDERS, "Orders  History  Fills  Wallet >"),
        (37, Part.LEDGER, "< History  Fills  Wallet  Ledger"),
        (20, Part.FILLS, "< History  Fills >"),
        (5, Part.WALLET, "< Wallet >"),
    ],
)
def test_the_shown_tab_is_always_there(width: int, shown: Part, expected: str) -> None:
    assert text(shown, width) == expected


@pytest.mark.parametrize("shown", PARTS)
@pytest.mark.parametrize("width", range(10, 60))
def test_a_name_is_where_a_click_finds_it(width: int, shown: Part) -> None:
    laid = strip(PARTS, shown, TerminalModel(), width)
    drawn = strip_title(laid, shown, focused=True).plain
    assert len(drawn) <= width or len(laid.tabs) == 1
    for tab in laid.tabs:
        assert drawn[tab.start : tab.end] == tab.text
        assert laid.at(tab.start) is laid.at(tab.end - 1) is tab.part
        assert laid.at(tab.end) is None
