"""The wallet: balance, held and available of each asset."""

from decimal import Decimal
from typing import Final

from cryptex.client.models import Balance
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Panel, Span, message
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

_ASSET_WIDTH: Final = 5
_PLACES_MAX: Final = 8


class WalletTable(Panel):
    """What one has. Amounts are rounded down, never up."""

    TITLE = "Wallet"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.WALLET)
        self._model = model

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line an asset."""
        balances = self._model.balances
        if balances is None:
            return [BLANK, message("waiting for balances", width)]
        column = (width - _ASSET_WIDTH) // 3
        first = width - _ASSET_WIDTH - 2 * column
        heading = f"{'':<{_ASSET_WIDTH}}{'Available'.rjust(first)}{'Held'.rjust(column)}{'Balance'.rjust(column)}"
        rows = [_row(b, first, column) for b in balances[: max(0, height - 1)]]
        return [(Span(heading, Ink.FAINT),), *(rows or [BLANK, message("nothing yet", width)])]


def _row(balance: Balance, first: int, column: int) -> Line:
    places = _places(balance.balance, column)
    nothing = balance.balance == 0
    ink = Ink.FAINT if nothing else Ink.BRIGHT
    return (
        Span(texts.plain(balance.asset, _ASSET_WIDTH).ljust(_ASSET_WIDTH), Ink.MUTED if nothing else Ink.TEXT),
        *_amount(balance.available, places, first, ink),
        *_amount(balance.held, places, column, Ink.ACCENT if balance.held else Ink.FAINT),
        *_amount(balance.balance, places, column, Ink.FAINT if nothing else Ink.TEXT),
    )


def _amount(value: Decimal, places: int, width: int, ink: Ink) -> tuple[Span, ...]:
    if value == 0:
        return (Span("0".rjust(width), Ink.FAINT),)
    told, zeros = texts.split_zeros(texts.floored(value, places))
    return Span(told.rjust(width - len(zeros)), ink), Span(zeros, Ink.FAINT)


def _places(value: Decimal, width: int) -> int:
    """Return the decimals for which there is room in a column, a space before it and the point included."""
    return max(0, min(_PLACES_MAX, width - 2 - len(f"{int(value):,}")))
