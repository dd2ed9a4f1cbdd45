"""Fills: one's own side of each trade, with its fee and whether it was made or taken."""

from collections.abc import Sequence
from typing import Final

from cryptex.client.models import Fill
from cryptex.protocol.terms import Liquidity
from cryptex.tui.account.grid import Cell, Column, Row
from cryptex.tui.account.paged import Paged
from cryptex.tui.account.paged_table import PagedTable, day, side_cell
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

_UNKNOWN_PLACES: Final = 8
_FEE_PLACES: Final = 8
_COLUMNS: Final = (
    Column("Day", 5, 8, right=False),
    Column("UTC", 8, 3, right=False),
    Column("Market", 9, 5, right=False),
    Column("Side", 6, right=False),
    Column("Price", 11),
    Column("Size", 9),
    Column("Notional", 12, 6),
    Column("Fee", 15, 4),
    Column("As", 5, 2, right=False),
    Column("Order", 6, 7),
)


class FillsTable(PagedTable[Fill]):
    """Fills of all markets."""

    TITLE = "Fills"
    EMPTY = "no fills yet"
    ELSEWHERE = "cryptex fills"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(model, id=Part.FILLS)

    @property
    def paged(self) -> Paged[Fill]:
        """Own fills."""
        return self._model.account.fills

    def next_step(self) -> str:
        """Return what one can do where there are no rows."""
        return f"{self._model.cap_of('ticket.buy')} buys, {self._model.cap_of('ticket.sell')} sells"

    def columns(self, width: int) -> Sequence[Column]:
        """Return the columns."""
        return _COLUMNS

    def rows_of(self, item: Fill, width: int) -> Sequence[Row]:
        """Return a fill's row."""
        terms = self._model.terms.get(item.market)
        price_places = terms.price_places if terms else _UNKNOWN_PLACES
        fee = texts.split_zeros(texts.number(item.fee, _FEE_PLACES))[0]
        return [
            (
                Cell(day(item.time), Ink.MUTED),
                Cell(texts.clock(item.time), Ink.MUTED),
                Cell(texts.plain(item.market)),
                side_cell(item.side),
                Cell(texts.number(item.price, price_places), Ink.BRIGHT),
                Cell(texts.number(item.size, terms.size_places if terms else _UNKNOWN_PLACES), zeros=True),
                Cell(texts.number(item.price * item.size, price_places)),
                Cell(f"{fee} {texts.plain(item.fee_asset)}", Ink.MUTED),
                Cell(item.liquidity.value, Ink.INFO if item.liquidity is Liquidity.MAKER else Ink.MUTED),
                Cell(str(item.order_id), Ink.MUTED),
            )
        ]
