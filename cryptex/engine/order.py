"""The working order, its links in a price level, and its literal state-transition table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptex.engine.errors import InvariantBroken
from cryptex.protocol.order import Order
from cryptex.protocol.terms import OrderStatus

if TYPE_CHECKING:
    from cryptex.engine.accounts import Account
    from cryptex.engine.book import Level
    from cryptex.engine.live_market import LiveMarket

PENDING: Final = OrderStatus.PENDING
OPEN: Final = OrderStatus.OPEN
PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
FILLED: Final = OrderStatus.FILLED
CANCELED: Final = OrderStatus.CANCELED
EXPIRED: Final = OrderStatus.EXPIRED
REJECTED: Final = OrderStatus.REJECTED

TRANSITIONS: Final[dict[OrderStatus, tuple[OrderStatus, ...]]] = {
    PENDING: (
        OPEN,
        CANCELED,
        EXPIRED,
    ),
    OPEN: (
        PARTIALLY_FILLED,
        FILLED,
        CANCELED,
        EXPIRED,
        REJECTED,
    ),
    PARTIALLY_FILLED: (
        PARTIALLY_FILLED,
        FILLED,
        CANCELED,
        EXPIRED,
    ),
    FILLED: (),
    CANCELED: (),
    EXPIRED: (),
    REJECTED: (),
}
"""What an order may become. A filled, canceled, expired or rejected order never changes again."""


class WorkingOrder(Order, kw_only=True):
    """An order inside the engine: its account and market, and its neighbours in a level's queue while it rests."""

    account: Account
    live_market: LiveMarket
    level: Level | None = None
    previous: WorkingOrder | None = None
    next: WorkingOrder | None = None

    def become(self, status: OrderStatus) -> None:
        """Change the status. Raises InvariantBroken for a transition that is not in the table."""
        if status not in TRANSITIONS[self.status]:
            raise InvariantBroken(f"order {self.order_id} cannot go from {self.status} to {status}")
        self.status = status
