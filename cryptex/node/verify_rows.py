"""Rows of history as tuples of all the columns that their table has: a new column is compared without being named."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Final

from cryptex.store.tables import HistoryTable

Stored = tuple[int | str | bytes | None, ...]


class WholeRows:
    """A table of history: how its rows are read, and what they should be."""

    def __init__(self, name: str) -> None:
        table = HistoryTable.metadata.tables[name]
        keys = [column.name for column in table.primary_key]
        self.name: Final = name
        self.columns: Final = tuple(column.name for column in table.columns)
        self.all: Final = f"SELECT {', '.join(self.columns)} FROM {name} ORDER BY {', '.join(keys)}"  # noqa: S608 (our own names)
        self.by_key: Final = (
            f"SELECT {', '.join(self.columns)} FROM {name} WHERE {' AND '.join(f'{key} = ?' for key in keys)}"  # noqa: S608 (the same)
        )
        self._values: Final = itemgetter(*self.columns)

    def values(self, row: Mapping[str, int | str | bytes | None]) -> Stored:
        """Return a row's values in the order of the columns. Raises KeyError where one is missing."""
        values: Stored = self._values(row)
        return values

    def difference(self, stored: Stored | None, mine: Stored | None) -> str:
        """Return what is wrong with a row that is not equal to the journal's."""
        if stored is None:
            return "is missing"
        if mine is None:
            return "is not the journal's"
        differs = [name for name, one, other in zip(self.columns, stored, mine, strict=True) if one != other]
        return f"differs in {', '.join(differs)}"


ASSETS: Final = WholeRows("assets")
MARKETS: Final = WholeRows("markets")
ORDERS: Final = WholeRows("orders")
TRADES: Final = WholeRows("trades")
FILLS: Final = WholeRows("fills")
ENTRIES: Final = WholeRows("entries")
POSTINGS: Final = WholeRows("postings")
WITHDRAWALS: Final = WholeRows("withdrawals")
CANDLES: Final = WholeRows("candles")
BOOKS: Final = WholeRows("books")
META: Final = WholeRows("meta")
