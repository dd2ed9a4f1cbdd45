"""The yardstick of the terminal benchmark: the same book as a DataTable. `python -m benchmarks.table_ladder URL`.

Like the terminal it folds what came twenty times a second, and it writes only the cells whose text changed. It has
nothing else on the screen.
"""

import sys
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from textual.app import App, ComposeResult
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from cryptex.client.exchange import Exchange
from cryptex.client.models import Level

FRAMES_PER_SECOND: Final = 20
DEPTH: Final = 25
HEADINGS: Final = ("Price", "Size", "Total")
_SPREAD: Final = "spread"


class TableLadder(App[None]):
    """Twenty-five asks over as many bids."""

    CSS = "DataTable { height: 1fr; }"

    def __init__(self, url: str) -> None:
        super().__init__()
        self._exchange = Exchange(url)
        self._table: DataTable[str] = DataTable(show_cursor=False)
        self._version = -1
        self._cells: list[tuple[str, ...]] = []

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    async def on_mount(self) -> None:
        """Follow the book."""
        for heading in HEADINGS:
            self._table.add_column(heading, width=20)
        blank = ("",) * len(HEADINGS)
        self._cells = [blank] * (2 * DEPTH + 1)
        for _ in self._cells:
            self._table.add_row(*blank)
        await self._exchange.connect()
        self._book = self._exchange.watch_book("BTC-USDT", DEPTH)
        self.set_interval(1 / FRAMES_PER_SECOND, self._frame)

    async def on_unmount(self) -> None:
        """Hang up."""
        await self._exchange.close()

    def _frame(self) -> None:
        book = self._book
        if book.version == self._version or not book.live:
            return
        self._version = book.version
        asks, bids = _rows(book.replica.asks), _rows(book.replica.bids)
        self._write([*asks[::-1], (_SPREAD, "", ""), *bids])

    def _write(self, rows: list[tuple[str, ...]]) -> None:
        for y, (row, before) in enumerate(zip(rows, self._cells, strict=True)):
            for x, (text, old) in enumerate(zip(row, before, strict=True)):
                if text != old:
                    self._table.update_cell_at(Coordinate(y, x), text)
        self._cells = rows


def _rows(levels: Sequence[Level]) -> list[tuple[str, ...]]:
    best = levels[:DEPTH]
    totals = accumulate(level.size for level in best)
    rows: list[tuple[str, ...]] = [
        (f"{level.price:,.2f}", f"{level.size:,.5f}", f"{total:,.5f}")
        for level, total in zip(best, totals, strict=True)
    ]
    return rows + [("", "", "")] * (DEPTH - len(rows))


if __name__ == "__main__":
    TableLadder(sys.argv[1]).run()
