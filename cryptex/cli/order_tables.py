"""One's own orders and fills as tables, cards and sheets."""

from collections.abc import Iterator, Sequence
from typing import Final

from cryptex.cli.output import Output
from cryptex.cli.sheets import Record, Sheet, sheet_of
from cryptex.cli.table import Column, Row, Value, number, side_cell
from cryptex.protocol.views import FillView, OrderView

ORDER_SHEET: Final = sheet_of(OrderView)
ORDERS_SHEET: Final = sheet_of(OrderView, "orders")
FILL_SHEET: Final = sheet_of(FillView)
FILLS_SHEET: Final = sheet_of(FillView, "fills")

_ORDER_COLUMNS: Final = (
    number("ID"),
    Column("MARKET"),
    Column("SIDE"),
    Column("TYPE", spare=2),
    Column("STATUS"),
    number("PRICE"),
    number("STOP", spare=1),
    number("SIZE"),
    number("FILLED"),
    number("REMAINING", spare=3),
    number("AVERAGE", spare=5),
    Column("REASON", spare=4),
    Column("CREATED", spare=6),
)
_FILL_COLUMNS: Final = (
    number("ID"),
    Column("TIME", spare=1),
    Column("MARKET"),
    Column("SIDE"),
    number("PRICE"),
    number("SIZE"),
    number("FEE"),
    Column("ASSET"),
    Column("LIQUIDITY", spare=3),
    number("ORDER", spare=2),
    number("TRADE", spare=4),
)


def orders_table(out: Output, orders: Sequence[OrderView]) -> str:
    """Return orders as a table."""
    return out.table(_ORDER_COLUMNS, [_order_row(each) for each in orders])


def fills_table(out: Output, fills: Sequence[FillView]) -> str:
    """Return fills as a table."""
    rows = [
        (
            each.id,
            each.time,
            each.market,
            side_cell(each.side.value),
            each.price,
            each.size,
            each.fee,
            each.fee_asset,
            each.liquidity.value,
            each.order_id,
            each.trade_id,
        )
        for each in fills
    ]
    return out.table(_FILL_COLUMNS, rows)


def canceled_table(out: Output, order_ids: Sequence[int]) -> str:
    """Return the ids of canceled orders as a table."""
    return out.table((number("CANCELED"),), [(each,) for each in order_ids])


def _flat_canceled(answer: Record) -> Iterator[Record]:
    canceled = answer["canceled"]
    for order_id in canceled if isinstance(canceled, list) else ():
        yield {"id": order_id}


CANCELED_SHEET: Final = Sheet(("id",), flatten=_flat_canceled)


def order_card(out: Output, order: OrderView) -> str:
    """Return an order as a card."""
    fees = ", ".join(f"{amount} {asset}" for asset, amount in order.fees.items())
    fields: list[tuple[str, Value]] = [
        ("id", order.id),
        ("client order id", order.client_order_id),
        ("market", order.market),
        ("side", side_cell(order.side.value)),
        ("type", order.type.value),
        ("status", order.status.value),
        ("reason", order.reason.value if order.reason else None),
        ("reject code", order.reject_code.value if order.reject_code else None),
        ("price", order.price),
        ("stop price", order.stop_price),
        ("size", order.size),
        ("quote size", order.quote_size),
        ("filled", order.filled),
        ("remaining", order.remaining),
        ("average price", order.average_price),
        ("fees", fees or None),
        ("time in force", order.time_in_force.value + (" post-only" if order.post_only else "")),
        ("expires", order.expires_at),
        ("created", order.created_at),
        ("updated", order.updated_at),
    ]
    return out.card(fields)


def _order_row(order: OrderView) -> Row:
    size = order.size if order.quote_size is None else f"{order.quote_size} {order.market.partition('-')[2]}"
    return (
        order.id,
        order.market,
        side_cell(order.side.value),
        order.type.value,
        order.status.value,
        order.price,
        order.stop_price,
        size,
        order.filled,
        order.remaining,
        order.average_price,
        order.reject_code.value if order.reject_code else order.reason.value if order.reason else None,
        order.created_at,
    )
