"""The wallet: what one has of each asset and what that is worth, and the profit of one's fills."""

from decimal import Decimal
from typing import Final

from cryptex.client.models import Balance
from cryptex.tui.account.wallet_sums import PLACES, Sums, sum_lines, sums_of
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Span, message, messages
from cryptex.tui.drawing.rolling import Rolling
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

_ASSET_WIDTH: Final = 5
_PLACES_MAX: Final = 8
_BALANCE_FROM: Final = 54
"""Width from which the balance has a column of its own beside what is available and held, which add up to it."""

_WORTH_FROM: Final = 2
"""Rows above which the worth is told, though an asset has no room then."""


class WalletTable(Rolling):
    """What one has. Amounts are rounded down, never up."""

    TITLE = "Wallet"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.WALLET)
        self._model = model

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings, one line an asset, and the sums below; where room is short the worth stays longest."""
        balances = self._model.balances
        if balances is None:
            return [BLANK, message("waiting for balances", width)]
        sums = sums_of(self._model, balances)
        below = sum_lines(sums, width, max(1, height - 1 - len(balances)) if height > _WORTH_FROM else 0)
        if all(balance.balance == 0 for balance in balances):
            below = messages(f"no funds: {self._model.cap_of('account.deposit')} deposits some", width)
        names = ["Available", "Held", *(["Balance"] if width >= _BALANCE_FROM else []), sums.valuation.quote or "Worth"]
        columns = _columns(width, len(names))
        heading = "".join(texts.fitted(name, at).rjust(at) for name, at in zip(names, columns, strict=True))
        shown = self.rolled(len(balances), height - 1 - len(below))
        rows = [_row(balances[at], sums, columns) for at in shown]
        return [(Span(f"{'':<{_ASSET_WIDTH}}{heading}", Ink.FAINT),), *rows, *below]


def _columns(width: int, count: int) -> list[int]:
    each = (width - _ASSET_WIDTH) // count
    return [width - _ASSET_WIDTH - each * (count - 1), *[each] * (count - 1)]


def _row(balance: Balance, sums: Sums, columns: list[int]) -> Line:
    places = _places(balance.balance, columns[-1])
    nothing = balance.balance == 0
    ink = Ink.FAINT if nothing else Ink.TEXT
    amounts = _amount(balance.available, places, columns[0], Ink.BRIGHT if not nothing else Ink.FAINT)
    amounts += _amount(balance.held, places, columns[1], Ink.ACCENT if balance.held else Ink.FAINT)
    if len(columns) > 3:
        amounts += _amount(balance.balance, places, columns[2], ink)
    name = texts.plain(balance.asset, _ASSET_WIDTH).ljust(_ASSET_WIDTH)
    return (Span(name, Ink.MUTED if nothing else Ink.TEXT), *amounts, _worth(sums, balance.asset, columns[-1]))


def _worth(sums: Sums, asset: str, width: int) -> Span:
    worth = sums.valuation.worth.get(asset)
    if worth is None:
        return Span("no price".rjust(width), Ink.FAINT)
    return Span(texts.floored(worth, min(PLACES, _places(worth, width))).rjust(width), Ink.MUTED)


def _amount(value: Decimal, places: int, width: int, ink: Ink) -> tuple[Span, ...]:
    if value == 0:
        return (Span("0".rjust(width), Ink.FAINT),)
    told, zeros = texts.split_zeros(texts.floored(value, places))
    return Span(told.rjust(width - len(zeros)), ink), Span(zeros, Ink.FAINT)


def _places(value: Decimal, width: int) -> int:
    """Return the decimals for which there is room in a column, a space before it and the point included."""
    return max(0, min(_PLACES_MAX, width - 2 - len(f"{int(value):,}")))
