"""Fills, ended orders and ledger entries for the tests of the account's tables."""

from datetime import UTC, datetime, timedelta

import msgspec

from cryptex.client.models import Entry, Fill
from cryptex.protocol.terms import EndReason, EntryKind, Liquidity, OrderStatus, Side
from cryptex.protocol.views import EntryView, FillView, OrderView, PostingView
from tests.tui.fake_exchange import order_view

BEGIN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def time_of(number: int) -> str:
    """Return the time of a thing by its number: a minute each."""
    return (BEGIN + timedelta(minutes=number)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def fill_view(
    number: int, side: str, size: str, price: str, fee: str = "0", *, market: str = "BTC-USDT", fee_asset: str = ""
) -> FillView:
    """Return a fill; the fee is in what was received unless it is said."""
    base, quote = market.split("-")
    return FillView(
        id=number,
        trade_id=number,
        order_id=1000 + number,
        client_order_id=None,
        market=market,
        side=Side(side),
        liquidity=Liquidity.MAKER if number % 2 else Liquidity.TAKER,
        price=price,
        size=size,
        fee=fee,
        fee_asset=fee_asset or (base if side == "buy" else quote),
        sequence=number,
        time=time_of(number),
    )


def as_fill(view: FillView) -> Fill:
    """Return the SDK's fill."""
    return msgspec.convert(view, Fill, from_attributes=True)


def ended_view(number: int, reason: EndReason = EndReason.FILLED) -> OrderView:
    """Return an order that ended."""
    filled = reason is EndReason.FILLED
    return order_view(
        number,
        "buy" if number % 2 else "sell",
        "61000.00",
        "0.50000",
        status=OrderStatus.FILLED if filled else OrderStatus.CANCELED,
        filled="0.50000" if filled else "0.10000",
        average_price="61000.00",
        reason=reason,
        updated_at=time_of(number),
    )


def entry_view(number: int, kind: EntryKind = EntryKind.HOLD) -> EntryView:
    """Return an entry that moves ten USDT from what is available to what is held."""
    postings = (
        PostingView("USDT", "available", "-10.00000000", f"{90000 - 10 * number}.00000000"),
        PostingView("USDT", "held", "10.00000000", f"{10 * number}.00000000"),
    )
    return EntryView(number, kind, f"order {number}", number, time_of(number), postings)


def as_entry(view: EntryView) -> Entry:
    """Return the SDK's ledger entry."""
    return msgspec.convert(view, Entry, from_attributes=True)
