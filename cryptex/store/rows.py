"""Protocol structs to rows of history, and back."""

from typing import Final

import msgspec

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.events import Fill, Posting, Trade
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.order import Order, OrderRecord
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import (
    EndReason,
    EntryKind,
    Liquidity,
    MarketState,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalReason,
    WithdrawalStatus,
)
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.tables import (
    StoredAsset,
    StoredBook,
    StoredEntry,
    StoredFill,
    StoredMarket,
    StoredOrder,
    StoredPosting,
    StoredTrade,
    StoredWithdrawal,
)

Row = dict[str, int | str | None]
Levels = list[tuple[int, int]]
"""Book levels as (price in ticks, size in lots), best first."""

_levels_encoder: Final = msgspec.json.Encoder()
_levels_decoder: Final = msgspec.json.Decoder(Levels)


def asset_row(asset: Asset) -> Row:
    """Return the row of an asset."""
    return {"symbol": asset.symbol, "name": asset.name, "decimals": asset.decimals}


def asset_from(row: StoredAsset) -> Asset:
    """Return the asset of a row."""
    return Asset(row.symbol, row.name, row.decimals)


def market_row(market: Market, market_id: int) -> Row:
    """Return the row of a market's definition."""
    return {
        "market_id": market_id,
        "market": market.symbol,
        "base": market.base.symbol,
        "quote": market.quote.symbol,
        "tick_e8": market.tick_e8,
        "lot_e8": market.lot_e8,
        "min_notional_units": market.min_notional_units,
        "maker_fee_e8": market.maker_fee_e8,
        "taker_fee_e8": market.taker_fee_e8,
        "price_band_e8": market.price_band_e8,
        "reference_price_ticks": market.reference_price_ticks,
        "state": market.state.value,
        "tick_units": market.tick_units,
        "price_decimals": market.price_decimals,
        "lot_steps": market.lot_steps,
        "size_decimals": market.size_decimals,
    }


def market_from(row: StoredMarket, base: Asset, quote: Asset) -> Market:
    """Return the market of a definition's row."""
    return Market(
        symbol=row.market,
        base=base,
        quote=quote,
        tick_e8=row.tick_e8,
        lot_e8=row.lot_e8,
        min_notional_units=row.min_notional_units,
        maker_fee_e8=row.maker_fee_e8,
        taker_fee_e8=row.taker_fee_e8,
        price_band_e8=row.price_band_e8,
        reference_price_ticks=row.reference_price_ticks,
        state=MarketState(row.state),
    )


def order_row(order: Order, market_id: int) -> Row:
    """Return the row of an order. The connection it came by is left out: no connection outlives its node."""
    request = order.request
    return {
        "order_id": order.order_id,
        "account_id": order.account_id,
        "market_id": market_id,
        "market": request.market,
        "side": order.side.value,
        "type": request.type.value,
        "time_in_force": request.time_in_force.value,
        "post_only": int(request.post_only),
        "self_trade_prevention": request.self_trade_prevention.value,
        "client_order_id": request.client_order_id,
        "requested_price_ticks": request.price_ticks,
        "requested_size_lots": request.size_lots,
        "requested_stop_ticks": request.stop_ticks,
        "quote_units": request.quote_units,
        "expires_ns": request.expires_ns,
        "created_ns": order.created_ns,
        "status": order.status.value,
        "price_ticks": order.price_ticks,
        "size_lots": order.size_lots,
        "stop_ticks": order.stop_ticks,
        "remaining_lots": order.remaining_lots,
        "filled_lots": order.filled_lots,
        "canceled_lots": order.canceled_lots,
        "filled_quote_units": str(order.filled_quote_units),
        "fee_units": str(order.fee_units),
        "held_units": order.held_units,
        "reason": order.reason.value if order.reason else None,
        "reject_code": order.reject_code.value if order.reject_code else None,
        "updated_ns": order.updated_ns,
        "sequence": order.sequence,
    }


def order_from(row: StoredOrder) -> OrderRecord:
    """Return the order of a row: equal to the one that was landed but for `request.connection_id`, which is 0."""
    side = Side(row.side)
    request = PlaceOrder(
        account_id=row.account_id,
        market=row.market,
        side=side,
        type=OrderType(row.type),
        size_lots=row.requested_size_lots,
        price_ticks=row.requested_price_ticks,
        time_in_force=TimeInForce(row.time_in_force),
        post_only=bool(row.post_only),
        self_trade_prevention=SelfTradePrevention(row.self_trade_prevention),
        client_order_id=row.client_order_id,
        quote_units=row.quote_units,
        stop_ticks=row.requested_stop_ticks,
        expires_ns=row.expires_ns,
    )
    return OrderRecord(
        order_id=row.order_id,
        account_id=row.account_id,
        request=request,
        side=side,
        status=OrderStatus(row.status),
        price_ticks=row.price_ticks,
        size_lots=row.size_lots,
        stop_ticks=row.stop_ticks,
        remaining_lots=row.remaining_lots,
        created_ns=row.created_ns,
        updated_ns=row.updated_ns,
        sequence=row.sequence,
        filled_lots=row.filled_lots,
        filled_quote_units=int(row.filled_quote_units),
        canceled_lots=row.canceled_lots,
        fee_units=int(row.fee_units),
        held_units=row.held_units,
        reason=EndReason(row.reason) if row.reason else None,
        reject_code=Code(row.reject_code) if row.reject_code else None,
    )


def trade_row(trade: Trade, market_id: int, sequence: int, time_ns: int) -> Row:
    """Return the row of a trade."""
    return {
        "trade_id": trade.trade_id,
        "market_id": market_id,
        "market": trade.market,
        "price_ticks": trade.price_ticks,
        "size_lots": trade.size_lots,
        "side": trade.side.value,
        "sequence": sequence,
        "time_ns": time_ns,
    }


def trade_from(row: StoredTrade) -> Trade:
    """Return the trade of a row."""
    return Trade(row.trade_id, row.market, row.price_ticks, row.size_lots, Side(row.side))


def fill_row(fill: Fill, market_id: int, sequence: int, time_ns: int) -> Row:
    """Return the row of a fill."""
    return {
        "fill_id": fill.fill_id,
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "account_id": fill.account_id,
        "client_order_id": fill.client_order_id,
        "market_id": market_id,
        "market": fill.market,
        "side": fill.side.value,
        "liquidity": fill.liquidity.value,
        "price_ticks": fill.price_ticks,
        "size_lots": fill.size_lots,
        "fee_units": fill.fee_units,
        "sequence": sequence,
        "time_ns": time_ns,
    }


def fill_from(row: StoredFill) -> Fill:
    """Return the fill of a row."""
    return Fill(
        fill_id=row.fill_id,
        trade_id=row.trade_id,
        order_id=row.order_id,
        account_id=row.account_id,
        client_order_id=row.client_order_id,
        market=row.market,
        side=Side(row.side),
        liquidity=Liquidity(row.liquidity),
        price_ticks=row.price_ticks,
        size_lots=row.size_lots,
        fee_units=row.fee_units,
    )


def entry_rows(postings: list[tuple[int, int, Posting]]) -> tuple[list[Row], list[Row]]:
    """Return the rows of ledger entries and of their lines, from all postings of those entries, in order."""
    entries: list[Row] = []
    lines: list[Row] = []
    counts: dict[int, int] = {}
    for sequence, time_ns, posting in postings:
        entry_id = posting.entry_id
        line = counts.get(entry_id, 0)
        counts[entry_id] = line + 1
        if line == 0:
            kind, reference = posting.kind.value, str(posting.reference)
            entries.append(
                {
                    "entry_id": entry_id,
                    "kind": kind,
                    "reference": reference,
                    "sequence": sequence,
                    "time_ns": time_ns,
                }
            )
        lines.append(
            {
                "account_id": posting.account_id,
                "entry_id": entry_id,
                "line": line,
                "asset": posting.asset,
                "available_change": posting.available_change,
                "held_change": posting.held_change,
                "available": posting.available,
                "held": posting.held,
            }
        )
    return entries, lines


def posting_from(row: StoredPosting, entry: StoredEntry) -> Posting:
    """Return the posting of a line; its reference is text even where it was an id."""
    return Posting(
        entry_id=entry.entry_id,
        kind=EntryKind(entry.kind),
        reference=entry.reference,
        account_id=row.account_id,
        asset=row.asset,
        available_change=row.available_change,
        held_change=row.held_change,
        available=row.available,
        held=row.held,
    )


def withdrawal_row(withdrawal: Withdrawal) -> Row:
    """Return the row of a withdrawal."""
    reason = withdrawal.reason.value if withdrawal.reason else None
    return {**msgspec.structs.asdict(withdrawal), "status": withdrawal.status.value, "reason": reason}


def withdrawal_from(row: StoredWithdrawal) -> Withdrawal:
    """Return the withdrawal of a row: equal to the one that was landed."""
    fields = {name: getattr(row, name) for name in Withdrawal.__struct_fields__}
    reason = WithdrawalReason(row.reason) if row.reason else None
    return Withdrawal(**{**fields, "status": WithdrawalStatus(row.status), "reason": reason})


def levels_json(levels: Levels) -> str:
    """Return book levels as the text a row holds."""
    return _levels_encoder.encode(levels).decode("ascii")


def levels_from(row: StoredBook) -> tuple[Levels, Levels]:
    """Return the bids and asks of a stored book."""
    return _levels_decoder.decode(row.bids), _levels_decoder.decode(row.asks)
