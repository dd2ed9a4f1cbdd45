"""What is known of the account's past, and what follows from it."""

from collections.abc import Callable, Sequence
from typing import Final

from cryptex.client.models import Entry, Fill, Order
from cryptex.tui.account.paged import Paged
from cryptex.tui.account.profit import ProfitBook
from cryptex.tui.desk.part import Part

ROWS_MAX: Final = 1_000
"""Ended orders and ledger entries that are read, at most."""
FILLS_MAX: Final = 2_000
"""Fills that are read, at most: profit is computed from these."""


class AccountState:
    """Ended orders, fills and ledger entries; `changed` hears which panel shows something else now."""

    def __init__(self, changed: Callable[[Part], None]) -> None:
        self.history: Paged[Order] = Paged(
            lambda order: order.id,
            lambda new, old: new.sequence > old.sequence,
            ROWS_MAX,
            lambda: changed(Part.HISTORY),
        )
        self.fills: Paged[Fill] = Paged(_number, _never, FILLS_MAX, self._fills_changed)
        self.ledger: Paged[Entry] = Paged(_number, _never, ROWS_MAX, lambda: changed(Part.LEDGER))
        self._changed = changed
        self._profit = ProfitBook()
        self._counted: tuple[int, int] | None = None
        """Ids of the oldest and newest fill in the profit book."""

    @property
    def profit(self) -> ProfitBook:
        """Positions from all fills that are known."""
        fills = self.fills.rows
        if not fills:
            return ProfitBook()
        counted = (fills[-1].id, fills[0].id)
        if self._counted is None or self._counted[0] != counted[0] or len(fills) < self._profit.count:
            self._profit = ProfitBook(reversed(fills))
        elif self._counted[1] != counted[1]:
            for fill in _after(fills, self._counted[1]):
                self._profit.take(fill)
        self._counted = counted
        return self._profit

    def _fills_changed(self) -> None:
        self._changed(Part.FILLS)
        self._changed(Part.WALLET)


def _after(fills: Sequence[Fill], number: int) -> list[Fill]:
    fresh = []
    for fill in fills:
        if fill.id <= number:
            break
        fresh.append(fill)
    return fresh[::-1]


def _number(row: Fill | Entry) -> int:
    return row.id


def _never(new: object, old: object) -> bool:
    return False
