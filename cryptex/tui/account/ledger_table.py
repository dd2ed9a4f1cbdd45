"""The ledger: entries, newest first, a row a posting."""

from collections.abc import Sequence
from typing import Final

from cryptex.client.models import Entry
from cryptex.tui.account.grid import Cell, Column, Row
from cryptex.tui.account.paged import Paged
from cryptex.tui.account.paged_table import PagedTable, day
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel

_PLACES: Final = 8
_COLUMNS: Final = (
    Column("Day", 5, 7, right=False),
    Column("UTC", 8, 3, right=False),
    Column("Entry", 6, 6),
    Column("What", 10, right=False),
    Column("Change", 13),
    Column("Asset", 5, right=False),
    Column("Of", 9, 4, right=False),
    Column("Then", 16, 2),
    Column("Reference", 12, 5, right=False),
)


class LedgerTable(PagedTable[Entry]):
    """What each entry changed, of what is available and of what is held, and what it was then."""

    TITLE = "Ledger"
    EMPTY = "nothing has moved yet"
    ELSEWHERE = "cryptex wallet entries"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(model, id=Part.LEDGER)

    @property
    def paged(self) -> Paged[Entry]:
        """Ledger entries."""
        return self._model.account.ledger

    def next_step(self) -> str:
        """Return what one can do where there are no rows."""
        return f"{self._model.cap_of('account.deposit')} deposits simulated funds"

    def columns(self, width: int) -> Sequence[Column]:
        """Return the columns."""
        return _COLUMNS

    def keys_of(self, item: Entry) -> Sequence[str]:
        """Return a key for each posting."""
        return [f"{item.id}.{at}" for at in range(len(item.postings))]

    def rows_of(self, item: Entry, width: int) -> Sequence[Row]:
        """Return a row for each posting; what they share is told in the first."""
        return [
            (
                Cell(day(item.time) if at == 0 else "", Ink.MUTED),
                Cell(texts.clock(item.time) if at == 0 else "", Ink.MUTED),
                Cell(str(item.id) if at == 0 else "", Ink.MUTED),
                Cell(texts.words(item.kind) if at == 0 else "", Ink.BRIGHT),
                Cell(f"{posting.change:+,.{_PLACES}f}", Ink.BUY if posting.change > 0 else Ink.SELL, zeros=True),
                Cell(texts.plain(posting.asset)),
                Cell(posting.account, Ink.MUTED),
                Cell(f"{posting.balance:,.{_PLACES}f}", zeros=True),
                Cell(texts.plain(item.reference) if at == 0 else "", Ink.MUTED),
            )
            for at, posting in enumerate(item.postings)
        ]
