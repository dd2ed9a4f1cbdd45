"""The state of an order in whole numbers: what the engine works on, snapshots keep, and views are made from."""

from dataclasses import dataclass, fields
from typing import Final, Protocol

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason, OrderStatus, Side


class Order(Protocol):
    """An order, whoever keeps it. `request` is what was asked; the rest is how it stands, amendments included.

    `size_lots` = filled + remaining + canceled, and 0 for an order by quote amount. Fees are in what the side
    receives: base for a buy, quote for a sell. `held_units` is what its account still holds for it: quote for a buy,
    base for a sell. `sequence` and `updated_ns` are those of the last command that changed it.
    """

    order_id: int
    account_id: int
    request: PlaceOrder
    side: Side
    status: OrderStatus
    price_ticks: int
    size_lots: int
    stop_ticks: int
    remaining_lots: int
    created_ns: int
    updated_ns: int
    sequence: int
    filled_lots: int
    filled_quote_units: int
    canceled_lots: int
    fee_units: int
    held_units: int
    reason: EndReason | None
    reject_code: Code | None

    @property
    def market(self) -> str:
        """The symbol of its market."""


@dataclass(slots=True)
class OrderRecord:
    """An order written down, by itself."""

    order_id: int
    account_id: int
    request: PlaceOrder
    side: Side
    status: OrderStatus
    price_ticks: int
    size_lots: int
    stop_ticks: int
    remaining_lots: int
    created_ns: int
    updated_ns: int
    sequence: int
    filled_lots: int = 0
    filled_quote_units: int = 0
    canceled_lots: int = 0
    fee_units: int = 0
    held_units: int = 0
    reason: EndReason | None = None
    reject_code: Code | None = None

    @property
    def market(self) -> str:
        """The symbol of its market."""
        return self.request.market


ORDER_FIELDS: Final = tuple(field.name for field in fields(OrderRecord))
"""Names of the fields, in order."""


def record_of(order: Order) -> OrderRecord:
    """Return an order as it stands now, without what the engine ties to it."""
    return OrderRecord(**{name: getattr(order, name) for name in ORDER_FIELDS})
