"""The working order, its links in a price level, and its literal state-transition table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptex.engine.errors import InvariantBroken
from cryptex.protocol.order import ORDER_FIELDS, OrderRecord
from cryptex.protocol.terms import OrderStatus, Side

if TYPE_CHECKING:
    from cryptex.engine.accounts import Account, Balance
    from cryptex.engine.book import Level
    from cryptex.engine.live_market import LiveMarket
    from cryptex.engine.seat import Seat
    from cryptex.protocol.commands import PlaceOrder
    from cryptex.protocol.problems import Code
    from cryptex.protocol.terms import EndReason

BUY: Final = Side.BUY
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


class WorkingOrder:
    """An order inside the engine: its account's seat, the balance it holds from, and its place in a level's queue."""

    __slots__ = (
        "account_id",
        "canceled_lots",
        "created_ns",
        "fee_units",
        "filled_lots",
        "filled_quote_units",
        "funds",
        "held_units",
        "level",
        "next",
        "order_id",
        "previous",
        "price_ticks",
        "reason",
        "reject_code",
        "remaining_lots",
        "request",
        "seat",
        "sequence",
        "side",
        "size_lots",
        "status",
        "stop_ticks",
        "updated_ns",
    )

    def __init__(self, order_id: int, request: PlaceOrder, seat: Seat, time_ns: int, sequence: int) -> None:
        """Stand for a request as it came, before anything has become of it."""
        self.order_id = order_id
        self.account_id = request.account_id
        self.request = request
        self.side = request.side
        self.price_ticks = request.price_ticks
        self.size_lots = self.remaining_lots = request.size_lots
        self.stop_ticks = request.stop_ticks
        self.status = PENDING if request.stop_ticks else OPEN
        self.created_ns = self.updated_ns = time_ns
        self.sequence = sequence
        self.filled_lots = self.filled_quote_units = self.canceled_lots = self.fee_units = self.held_units = 0
        self.reason: EndReason | None = None
        self.reject_code: Code | None = None
        self.seat = seat
        self.funds: Balance = seat.quote if request.side is BUY else seat.base
        self.level: Level | None = None
        self.previous: WorkingOrder | None = None
        self.next: WorkingOrder | None = None

    @classmethod
    def restored(cls, plain: OrderRecord, seat: Seat) -> WorkingOrder:
        """Return the order that `plain` wrote down, outside the book."""
        order = cls(plain.order_id, plain.request, seat, plain.created_ns, plain.sequence)
        for name in ORDER_FIELDS:
            setattr(order, name, getattr(plain, name))
        return order

    @property
    def market(self) -> str:
        """The symbol of its market."""
        return self.request.market

    @property
    def account(self) -> Account:
        """The account that placed it."""
        return self.seat.account

    @property
    def live_market(self) -> LiveMarket:
        """The market it is in."""
        return self.seat.market

    def become(self, status: OrderStatus) -> None:
        """Change the status. Raises InvariantBroken for a transition that is not in the table."""
        if status not in TRANSITIONS[self.status]:
            raise InvariantBroken(f"order {self.order_id} cannot go from {self.status} to {status}")
        self.status = status
