"""A list that is read page by page, newest first, and kept current by what comes live. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

T = TypeVar("T")

RETRY_AFTER_S: Final = 5.0
"""How long a page that could not be read waits for the next attempt."""


class Paged(Generic[T]):
    """Rows by their number, of which at most `rows_max` are read; `changed` hears of everything.

    `newer` says which of two rows of one number is the later one.
    """

    def __init__(
        self, number: Callable[[T], int], newer: Callable[[T, T], bool], rows_max: int, changed: Callable[[], None]
    ) -> None:
        self.rows_max = rows_max
        self.begun = False
        """Whether the first page was read."""
        self.loading = False
        self.error = ""
        self.outdated = False
        """Whether something happened that did not come live: the newest page must be read again."""
        self._number = number
        self._newer = newer
        self._changed = changed
        self._rows: dict[int, T] = {}
        self._sorted: list[T] | None = []
        self._next: int | None = None
        self._edge: int | None = None
        """The newest row up to which nothing is missing, while it is open whether the rows above it are whole."""
        self._failed_s = 0.0

    @property
    def rows(self) -> Sequence[T]:
        """The rows, newest first."""
        if self._sorted is None:
            self._sorted = [self._rows[number] for number in sorted(self._rows, reverse=True)]
        return self._sorted

    @property
    def has_more(self) -> bool:
        """Whether older rows are there to be read."""
        return not self.begun or self._next is not None

    @property
    def is_full(self) -> bool:
        """Whether older rows are left out because there are too many."""
        return self.begun and self._next is not None and len(self._rows) >= self.rows_max

    def wants_page(self, now_s: float, *, more: bool) -> bool:
        """Return whether to read a page now; `more` says that older rows are asked for."""
        if self.loading or (self.error and now_s - self._failed_s < RETRY_AFTER_S):
            return False
        return not self.begun or self.outdated or (more and self.has_more and not self.is_full)

    def lose(self) -> None:
        """From here on rows may not come live: what is merged next does not show that others are missing before it."""
        self.outdated = self.begun or self.loading
        self._mark_edge()

    def ask(self) -> int | None:
        """Begin to read a page, and return where: None is the newest."""
        self.loading = True
        newest = not self.begun or self.outdated
        if newest:
            self._mark_edge()
        self.outdated = False
        self._changed()
        return None if newest else self._next

    def take(self, page: Iterable[T], before: int | None, following: int | None) -> None:
        """Take the page that was asked for at `before`; `following` is where the next one begins.

        A newest page that does not reach what was there before leaves a gap: then only it is kept, and what is newer.
        """
        found = {self._number(row): row for row in page}
        if not self.begun or before is not None:
            self._next = following
        elif following is not None and self._edge is not None and following > self._edge:
            self._rows = {number: row for number, row in self._rows.items() if number >= following}
            self._next, self._sorted = following, None
        if before is None:
            self._edge = max(found, default=self._edge) if self.outdated else None
        self.begun, self.loading, self.error = True, False, ""
        self._merge(found)
        self._changed()

    def fail(self, text: str, now_s: float) -> None:
        """Say why a page could not be read."""
        self.loading, self.error, self._failed_s = False, text, now_s
        self.outdated = self.begun
        self._changed()

    def retry(self) -> None:
        """Read again, at once."""
        self.error, self.outdated = "", self.begun
        self._changed()

    def merge(self, rows: Iterable[T]) -> None:
        """Take rows that came live."""
        if self._merge({self._number(row): row for row in rows}):
            self._changed()

    def _mark_edge(self) -> None:
        if self._edge is None:
            self._edge = max(self._rows, default=0)

    def _merge(self, rows: dict[int, T]) -> bool:
        fresh = {n: row for n, row in rows.items() if n not in self._rows or self._newer(row, self._rows[n])}
        if fresh:
            self._rows.update(fresh)
            self._sorted = None
            self._bound()
        return bool(fresh)

    def _bound(self) -> None:
        """Drop the oldest rows beyond twice the bound, so that a long session has its limit too."""
        if len(self._rows) > 2 * self.rows_max:
            kept = sorted(self._rows, reverse=True)[: self.rows_max]
            self._rows = {number: self._rows[number] for number in kept}
            self._next = kept[-1]
