"""Whole numbers to views: the way out, shared by live state and by history."""

from cryptex.protocol.events import Fill, Posting, Trade
from cryptex.protocol.market import Asset, Market, rate_text
from cryptex.protocol.order import Order
from cryptex.protocol.terms import EntryKind, Side, WithdrawalStatus
from cryptex.protocol.times import time_text
from cryptex.protocol.views import (
    AssetView,
    BalanceView,
    EntryView,
    FillView,
    LevelView,
    MarketView,
    OrderView,
    PostingView,
    TradeView,
)
from cryptex.protocol.wallet import WithdrawalView
from cryptex.protocol.withdrawal import Withdrawal


def asset_view(asset: Asset) -> AssetView:
    """Return an asset as users see it."""
    return AssetView(asset.symbol, asset.name, asset.decimals)


def market_view(market: Market) -> MarketView:
    """Return a market as users see it."""
    return MarketView(
        market=market.symbol,
        base=market.base.symbol,
        quote=market.quote.symbol,
        tick_size=market.tick_size_text,
        lot_size=market.lot_size_text,
        min_notional=market.quote.text(market.min_notional_units),
        maker_fee=rate_text(market.maker_fee_e8),
        taker_fee=rate_text(market.taker_fee_e8),
        price_band=market.price_band_text,
        state=market.state,
    )


def order_view(order: Order, market: Market, *, duplicate: bool = False) -> OrderView:
    """Return an order as its owner sees it."""
    request, size_text = order.request, market.size_text
    size_lots, filled_lots, remaining_lots = order.size_lots, order.filled_lots, order.remaining_lots
    nothing = market.zero_size_text
    size = size_text(size_lots) if size_lots else None
    created_at = time_text(order.created_ns)
    fees: dict[str, str] = {}
    if filled_lots:
        received = market.base if order.side is Side.BUY else market.quote
        fees[received.symbol] = received.text(order.fee_units)
    return OrderView(  # by position, which takes half the time: tests/protocol/test_render.py holds them to their names
        order.order_id,
        order.account_id,
        request.client_order_id or None,
        market.symbol,
        order.side,
        request.type,
        order.status,
        market.price_text(order.price_ticks) if order.price_ticks else None,
        market.price_text(order.stop_ticks) if order.stop_ticks else None,
        size,
        market.quote.text(request.quote_units) if request.quote_units else None,
        size_text(filled_lots) if filled_lots else nothing,
        size if size and remaining_lots == size_lots else size_text(remaining_lots),
        size_text(order.canceled_lots) if order.canceled_lots else nothing,
        market.average_price_text(order.filled_quote_units, filled_lots) if filled_lots else None,
        fees,
        request.time_in_force,
        time_text(request.expires_ns) if request.expires_ns else None,
        request.post_only,
        request.self_trade_prevention,
        order.reason,
        order.reject_code,
        created_at,
        created_at if order.updated_ns == order.created_ns else time_text(order.updated_ns),
        order.sequence,
        duplicate,
    )


def fill_view(fill: Fill, market: Market, sequence: int, time_ns: int) -> FillView:
    """Return a fill as its owner sees it."""
    received = market.base if fill.side is Side.BUY else market.quote
    return FillView(
        id=fill.fill_id,
        trade_id=fill.trade_id,
        order_id=fill.order_id,
        client_order_id=fill.client_order_id or None,
        market=market.symbol,
        side=fill.side,
        liquidity=fill.liquidity,
        price=market.price_text(fill.price_ticks),
        size=market.size_text(fill.size_lots),
        fee=received.text(fill.fee_units),
        fee_asset=received.symbol,
        sequence=sequence,
        time=time_text(time_ns),
    )


def trade_view(trade: Trade, market: Market, time_ns: int) -> TradeView:
    """Return a trade as the public sees it."""
    return TradeView(
        trade.trade_id,
        market.price_text(trade.price_ticks),
        market.size_text(trade.size_lots),
        trade.side,
        time_text(time_ns),
    )


def balance_view(asset: Asset, available: int, held: int) -> BalanceView:
    """Return what an account has of an asset."""
    return BalanceView(asset.symbol, asset.text(available + held), asset.text(held), asset.text(available))


def entry_view(postings: list[Posting], assets: dict[str, Asset], sequence: int, time_ns: int) -> EntryView:
    """Return a ledger entry from one account's lines of it (at least one, all of the same entry)."""
    lines: list[PostingView] = []
    for posting in postings:
        asset = assets[posting.asset]
        if posting.available_change:
            change, balance = asset.text(posting.available_change), asset.text(posting.available)
            lines.append(PostingView(asset.symbol, "available", change, balance))
        if posting.held_change:
            lines.append(PostingView(asset.symbol, "held", asset.text(posting.held_change), asset.text(posting.held)))
    first = postings[0]
    return EntryView(first.entry_id, first.kind, str(first.reference), sequence, time_text(time_ns), tuple(lines))


def withdrawal_view(withdrawal: Withdrawal, asset: Asset, height: int) -> WithdrawalView:
    """Return a withdrawal as its owner sees it, where the network has come to `height`."""
    required, in_block = withdrawal.confirmations, bool(withdrawal.broadcast_ns)
    confirmations = min(max(0, height - withdrawal.height + 1), required - 1) if in_block else 0
    amount = asset.text(withdrawal.units)
    return WithdrawalView(
        id=withdrawal.withdrawal_id,
        kind=EntryKind.WITHDRAWAL,
        asset=asset.symbol,
        amount=amount,
        address=withdrawal.address,
        reference=withdrawal.reference or None,
        status=withdrawal.status,
        reason=withdrawal.reason,
        txid=withdrawal.txid or None,
        height=withdrawal.height if in_block else None,
        confirmations=required if withdrawal.status is WithdrawalStatus.CONFIRMED else confirmations,
        confirmations_required=required,
        entry_id=withdrawal.entry_id,
        postings=(
            PostingView(asset.symbol, "available", f"-{amount}", asset.text(withdrawal.available)),
            PostingView(asset.symbol, "held", amount, asset.text(withdrawal.held)),
        ),
        time=time_text(withdrawal.created_ns),
        updated_at=time_text(withdrawal.updated_ns),
        sequence=withdrawal.sequence,
    )


def levels_view(levels: list[tuple[int, int]], market: Market) -> list[LevelView]:
    """Return book levels, given as (price in ticks, size in lots), as text."""
    price_text, size_text = market.price_text, market.size_text
    return [(price_text(price), size_text(size)) for price, size in levels]
