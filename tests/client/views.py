"""Views and messages as a node would send them, for scripts of tests."""

from typing import Literal

from cryptex.protocol.channels import BookMessage, OrdersMessage, book_checksum
from cryptex.protocol.terms import (
    EntryKind,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)
from cryptex.protocol.views import LevelView, OrderView, PostingView
from cryptex.protocol.wallet import WithdrawalView

TIME = "2026-11-22T15:40:03.123456Z"
WITHDRAWAL = WithdrawalView(
    id=3,
    kind=EntryKind.WITHDRAWAL,
    asset="USDT",
    amount="10.00000000",
    address="there",
    reference="ref-10",
    status=WithdrawalStatus.APPROVED,
    reason=None,
    txid=None,
    height=None,
    confirmations=0,
    confirmations_required=3,
    entry_id=10,
    postings=(
        PostingView("USDT", "available", "-10.00000000", "87990.00000000"),
        PostingView("USDT", "held", "10.00000000", "10.00000000"),
    ),
    time=TIME,
    updated_at=TIME,
    sequence=991,
)


def order_view(order_id: int = 7, *, status: OrderStatus = OrderStatus.OPEN, client_order_id: str = "key") -> OrderView:
    """An order to buy half a bitcoin."""
    return OrderView(
        id=order_id,
        user_id=1,
        client_order_id=client_order_id,
        market="BTC-USDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        status=status,
        price="45000.00",
        stop_price=None,
        size="0.50000",
        quote_size=None,
        filled="0.00000",
        remaining="0.50000",
        canceled_size="0.00000",
        average_price=None,
        fees={},
        time_in_force=TimeInForce.GTC,
        expires_at=None,
        post_only=False,
        self_trade_prevention=SelfTradePrevention.CANCEL_NEWEST,
        reason=None,
        reject_code=None,
        created_at=TIME,
        updated_at=TIME,
        sequence=12,
    )


def book_message(
    kind: Literal["snapshot", "update", "resync"],
    sequence: int,
    *,
    prev: int | None = None,
    bids: list[LevelView] | None = None,
    asks: list[LevelView] | None = None,
    checksum: int | None = None,
    epoch: int = 1,
    depth: int = 25,
) -> BookMessage:
    """A message of the book of BTC-USDT; a snapshot gets its checksum by itself."""
    if kind == "snapshot" and checksum is None:
        checksum = book_checksum(bids or [], asks or [])
    return BookMessage(
        market="BTC-USDT",
        depth=depth,
        type=kind,
        epoch=epoch,
        sequence=sequence,
        time=TIME,
        prev=prev,
        bids=bids,
        asks=asks,
        checksum=checksum,
    )


def orders_message(
    kind: Literal["snapshot", "update", "resync"], sequence: int, orders: list[OrderView], prev: int | None = None
) -> OrdersMessage:
    """A message of the orders channel."""
    return OrdersMessage(type=kind, epoch=1, sequence=sequence, time=TIME, prev=prev, orders=orders)
