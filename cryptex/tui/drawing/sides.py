"""How the two sides of a market, and rises and falls, are drawn. An arrow says the same as the ink. Pure."""

from decimal import Decimal
from typing import Final

from cryptex.protocol.terms import Side
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink

INKS: Final = {Side.BUY: Ink.BUY, Side.SELL: Ink.SELL}
ARROWS: Final = {Side.BUY: texts.UP, Side.SELL: texts.DOWN}


def side_text(side: Side) -> str:
    """Return `▲ buy` or `▼ sell`."""
    return f"{ARROWS[side]} {side.value}"


def change_ink(change: Decimal | int | None, flat: Ink) -> Ink:
    """Return the ink of a rise or a fall; `flat` is that of neither."""
    if not change:
        return flat
    return Ink.BUY if change > 0 else Ink.SELL
