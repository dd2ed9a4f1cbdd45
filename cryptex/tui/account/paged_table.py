"""The base of the tables that are read page by page: cursor, pages, and what is said while there is nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar

from cryptex.protocol.terms import Side
from cryptex.tui.account.grid import Cell, Column, Row, grid
from cryptex.tui.account.paged import Paged
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import BLANK, Line, message, messages
from cryptex.tui.drawing.sides import INKS, side_text
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel

_AHEAD: Final = 20
"""Rows below the last one that is shown which are read before anybody gets there."""


class Numbered(Protocol):
    """What a table can list."""

    @property
    def id(self) -> int:
        """Its number."""


T = TypeVar("T", bound=Numbered)


class _Listed(NamedTuple, Generic[T]):
    """The rows of a list, each with its item and which of the item's rows it is; made anew when the list is another."""

    items: Sequence[T]
    places: Sequence[tuple[T, int]] = ()
    keys: Sequence[str] = ()


class PagedTable(Listing, Generic[T]):
    """Rows, newest first. While nobody has moved the cursor, the newest stay on top."""

    PLACE: ClassVar = Place.PAST
    BINDINGS = [*keys.bindings(Place.PAST)]  # noqa: RUF012 (Textual's shape)
    EMPTY: ClassVar[str]
    """What is said when there are no rows."""
    ELSEWHERE: ClassVar[str]
    """The command that knows the rows which are too many for here."""

    def __init__(self, model: TerminalModel, *, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._model = model
        self._height = 0
        self._listed: _Listed[T] = _Listed(())

    @property
    def paged(self) -> Paged[T]:
        """The list that is shown."""
        raise NotImplementedError

    @property
    def wants_more(self) -> bool:
        """Whether the rows that are there do not reach far below what is shown."""
        return self._first + self._height + _AHEAD > len(self.paged.rows)

    def columns(self, width: int) -> Sequence[Column]:
        """Return the columns at a width."""
        raise NotImplementedError

    def rows_of(self, item: T, width: int) -> Sequence[Row]:
        """Return the rows of an item of the list."""
        raise NotImplementedError

    def keys_of(self, item: T) -> Sequence[str]:
        """Return a key for each row of an item."""
        return [str(item.id)]

    def next_step(self) -> str:
        """Return what one can do where there are no rows."""
        raise NotImplementedError

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and rows; below them what else there is to say."""
        paged = self.paged
        self._height = height
        listed = self._list()
        if self._cursor == 0:
            self._keys = []
        pressing = paged.error or (paged.is_full and self._cursor + 1 >= len(listed.keys))
        shown = self.keep(list(listed.keys), height - 1 if pressing else height)
        if not listed.keys:
            return [BLANK, *self._nothing(width)]
        rows = self._rows(listed.places[shown.start : shown.stop], width)
        heading, *drawn = grid(self.columns(width), rows, width)
        out = [heading, *(self.marked(i, line, width) for i, line in zip(shown, drawn, strict=True))]
        return [*out, message(self._below(), width, Ink.ACCENT if paged.error else Ink.FAINT)]

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is shown at a time."""
        self.action_move(pages * max(1, self.size.height - self.HEADINGS - 1))

    def action_newest(self) -> None:
        """Move the cursor to the newest row."""
        self.action_move(-len(self._keys))

    def action_retry(self) -> None:
        """Read what could not be read."""
        if self.paged.error:
            self.paged.retry()

    def _list(self) -> _Listed[T]:
        items = self.paged.rows
        if items is not self._listed.items:
            keyed = [(item, at, key) for item in items for at, key in enumerate(self.keys_of(item))]
            self._listed = _Listed(items, [(item, at) for item, at, _ in keyed], [key for _, _, key in keyed])
        return self._listed

    def _rows(self, places: Sequence[tuple[T, int]], width: int) -> list[Row]:
        made: dict[int, Sequence[Row]] = {}
        for item, _ in places:
            if item.id not in made:
                made[item.id] = self.rows_of(item, width)
        return [made[item.id][at] for item, at in places]

    def _nothing(self, width: int) -> list[Line]:
        paged = self.paged
        if paged.error:
            return messages(self._failed(), width, Ink.ACCENT)
        if not paged.begun or paged.has_more:
            return [message("reading…", width)]
        return [*messages(self.EMPTY, width), *messages(self.next_step(), width, Ink.FAINT)]

    def _below(self) -> str:
        paged = self.paged
        if paged.error:
            return self._failed()
        if paged.loading or not paged.begun:
            return "reading…"
        return f"older than these: {self.ELSEWHERE}" if paged.is_full else ""

    def _failed(self) -> str:
        return f"{self._model.cap_of('past.retry')} tries again: {self.paged.error}"


def day(moment: datetime) -> str:
    """Return `11-22`: month and day in UTC."""
    return f"{moment.astimezone(UTC):%m-%d}"


def side_cell(side: Side) -> Cell:
    """Return a side with its arrow."""
    return Cell(side_text(side), INKS[side])
