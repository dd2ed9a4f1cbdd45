"""How sides, rises and falls are drawn."""

from decimal import Decimal

import pytest

from cryptex.protocol.terms import Side
from cryptex.tui.drawing.sides import change_ink, side_text
from cryptex.tui.drawing.theme import Ink


def test_a_side_has_an_arrow_and_its_word() -> None:
    assert [side_text(side) for side in (Side.BUY, Side.SELL)] == ["▲ buy", "▼ sell"]


@pytest.mark.parametrize(
    ("change", "ink"),
    [(1, Ink.BUY), (Decimal("0.1"), Ink.BUY), (-1, Ink.SELL), (Decimal("-0.1"), Ink.SELL), (0, Ink.FAINT)],
)
def test_a_rise_has_the_ink_of_buying_a_fall_that_of_selling(change: Decimal | int, ink: Ink) -> None:
    assert change_ink(change, Ink.FAINT) is ink
    assert change_ink(None, Ink.MUTED) is Ink.MUTED
