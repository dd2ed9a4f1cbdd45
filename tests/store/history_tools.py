"""Assets, markets and rows for the tests of history."""

import sqlite3
from pathlib import Path

from cryptex.protocol.commands import PlaceOrder
from cryptex.protocol.events import Fill, Posting, Trade
from cryptex.protocol.market import Asset, Market, define_asset, define_market
from cryptex.protocol.order import OrderRecord
from cryptex.protocol.terms import (
    EndReason,
    EntryKind,
    Interval,
    Liquidity,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cryptex.store.projector import CandleRow, Landing

BTC = define_asset("BTC", "Bitcoin", 8)
USDT = define_asset("USDT", "Tether", 6)
YEN = define_asset("JPY", "Yen", 0)
ASSETS = [BTC, USDT, YEN]
START_NS = 1_795_362_003_123_456_789
"""2026-11-22T15:40:03.123456789Z."""


def market(base: Asset, quote: Asset, tick: str, lot: str, fee: str = "0.001") -> Market:
    """Return a market with these steps."""
    return define_market(
        base,
        quote,
        tick_size=tick,
        lot_size=lot,
        min_notional="5",
        maker_fee=fee,
        taker_fee="0.001",
        price_band="0.5",
        reference_price="60000",
    )


BTC_USDT = market(BTC, USDT, "0.05", "0.0001")
BTC_JPY = market(BTC, YEN, "1", "1")
MARKETS = [BTC_USDT, BTC_JPY]
FIRST = Landing(sequence=1, time_ns=START_NS, assets=ASSETS, markets=MARKETS)


def order(
    order_id: int,
    account_id: int = 1,
    *,
    status: OrderStatus = OrderStatus.OPEN,
    symbol: str = "BTC-USDT",
    client_order_id: str = "",
    filled_lots: int = 0,
) -> OrderRecord:
    """Return a limit sell of 10 lots at 1,200,000 ticks."""
    request = PlaceOrder(account_id, symbol, Side.SELL, OrderType.LIMIT, 10, 1_200_000, client_order_id=client_order_id)
    return OrderRecord(
        order_id=order_id,
        account_id=account_id,
        request=request,
        side=request.side,
        status=status,
        price_ticks=request.price_ticks,
        size_lots=request.size_lots,
        stop_ticks=0,
        remaining_lots=10 - filled_lots,
        filled_lots=filled_lots,
        created_ns=START_NS,
        updated_ns=START_NS,
        sequence=order_id,
    )


def rich_order(order_id: int, account_id: int = 1) -> OrderRecord:
    """Return an amended, partly filled and expired stop-limit buy in which no two fields share a value."""
    request = PlaceOrder(
        account_id=account_id,
        market="BTC-USDT",
        side=Side.BUY,
        type=OrderType.STOP_LIMIT,
        size_lots=101,
        price_ticks=1_100_000,
        time_in_force=TimeInForce.GTD,
        post_only=True,
        self_trade_prevention=SelfTradePrevention.DECREMENT,
        client_order_id="a key",
        quote_units=7_000_001,
        stop_ticks=1_090_000,
        expires_ns=START_NS + 9_000_000_000,
    )
    return OrderRecord(
        order_id=order_id,
        account_id=account_id,
        request=request,
        side=Side.BUY,
        status=OrderStatus.EXPIRED,
        price_ticks=1_100_020,
        size_lots=95,
        stop_ticks=1_090_021,
        remaining_lots=22,
        filled_lots=33,
        canceled_lots=40,
        filled_quote_units=181_503_299,
        fee_units=330_003,
        held_units=44,
        reason=EndReason.EXPIRED,
        reject_code=None,
        created_ns=START_NS + 1,
        updated_ns=START_NS + 8_000_000_000,
        sequence=order_id + 1000,
    )


def trade(trade_id: int, symbol: str = "BTC-USDT", price_ticks: int = 1_200_000) -> Trade:
    """Return a trade of 3 lots that a buyer took."""
    return Trade(trade_id, symbol, price_ticks, 3, Side.BUY)


def fill(fill_id: int, account_id: int = 1, *, order_id: int = 7, symbol: str = "BTC-USDT") -> Fill:
    """Return a maker's fill of 3 lots."""
    return Fill(fill_id, fill_id, order_id, account_id, "", symbol, Side.SELL, Liquidity.MAKER, 1_200_000, 3, 18_000)


def posting(entry_id: int, account_id: int, asset: str, change: int, held_change: int = 0) -> Posting:
    """Return a line of a trade's entry after which the account holds a million and a thousand units."""
    return Posting(entry_id, EntryKind.TRADE, 5, account_id, asset, change, held_change, 1_000_000, 1_000)


def candle(time_ns: int, close_ticks: int = 1_200_000, symbol: str = "BTC-USDT") -> CandleRow:
    """Return a candle of a minute in which 12 lots were traded."""
    return CandleRow(symbol, Interval.M1, time_ns, 1_200_000, 1_300_000, 1_100_000, close_ticks, 12, 720_000_000, 4)


def query(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Return what a reader of the file sees."""
    connection = sqlite3.connect(folder / "history.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
