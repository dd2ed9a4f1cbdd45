"""Scenes for the terminal's tests: a fixed market to look at, and an app in front of it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec

from cryptex.client.models import Candle, Page
from cryptex.client.subscription import FeedKey
from cryptex.protocol.channels import (
    BookMessage,
    CandlesMessage,
    FillsMessage,
    OrdersMessage,
    TickerMessage,
    TradesMessage,
    WalletMessage,
)
from cryptex.protocol.terms import Interval, MarketState, OrderStatus, OrderType, Side
from cryptex.protocol.times import time_text
from cryptex.protocol.views import BalanceView, CandleView, LevelView, OrderView, TickerView, TradeView
from cryptex.tui.app import CryptexTerminal
from tests.tui.fake_exchange import MARKETS, MOMENT, TIME, FakeExchange, order_view

BTC = "BTC-USDT"
BOOK = FeedKey("book", BTC)
CANDLES = FeedKey("candles", BTC, interval=Interval.M1)
TRADES = FeedKey("trades", BTC)
ORDERS = FeedKey("orders")
WALLET = FeedKey("wallet")
FILLS = FeedKey("fills")
TICKER = FeedKey("ticker", BTC)
_SIZES = (12, 40, 5, 150, 33, 78, 21, 260, 9, 55, 110, 18, 72, 31, 205, 14, 66, 90, 25, 130, 47, 8, 300, 60, 22)
_TICKERS = {
    BTC: ("61234.50", "744.10", "1.23", "62010.00", "59880.25", "1284.55120"),
    "ETH-USDT": ("3310.42", "-28.18", "-0.84", "3390.00", "3288.10", "9120.4410"),
    "SOL-USDT": ("148.07", "4.61", "3.21", "149.90", "141.22", "88123.112"),
    "ETH-BTC": ("0.05406", "0.00000", "0.00", "0.05510", "0.05377", "412.080"),
}


def levels(best_cents: int, step_cents: int, count: int = 24) -> list[LevelView]:
    """Return levels away from a best price, in cents."""
    return [(_price(best_cents + step_cents * i), f"{_SIZES[i] / 100 + 0.00007 * (i % 3):.5f}") for i in range(count)]


def book(bids: list[LevelView], asks: list[LevelView], *, sequence: int = 1, prev: int | None = None) -> BookMessage:
    """Return a snapshot of the book, or an update when `prev` is given."""
    kind = "snapshot" if prev is None else "update"
    return BookMessage(
        market=BTC, depth=25, type=kind, epoch=1, sequence=sequence, prev=prev, time=TIME, bids=bids, asks=asks
    )


def open_orders() -> list[OrderView]:
    """Return one's own orders of the scene."""
    partly = {"status": OrderStatus.PARTIALLY_FILLED, "filled": "0.10000", "remaining": "0.15000"}
    stop = {"type": OrderType.STOP, "status": OrderStatus.PENDING, "stop_price": "59500.00"}
    return [
        order_view(1041, "buy", "61227.00", "0.25000", **partly),
        order_view(1044, "sell", "61248.00", "0.50000", post_only=True),
        order_view(1052, "sell", None, "0.75000", **stop),
    ]


def trades(count: int = 60) -> list[TradeView]:
    """Return trades, oldest first."""
    out = []
    for i in range(count):
        side = Side.BUY if (i * 7) % 5 < 3 else Side.SELL
        cents = 6123450 + ((count - 1 - i) * 37) % 900 - ((count - 1 - i) * 11) % 700
        second = i % 60
        when = f"2026-11-22T15:39:{second:02d}.000000Z"
        out.append(TradeView(i + 1, _price(cents), f"{_SIZES[i % 25] / 130:.5f}", side, when))
    return out


def ticker_view(name: str) -> TickerView:
    """Return a market's last 24 hours."""
    last, change, percent, high, low, volume = _TICKERS[name]
    return TickerView(name, last, change, percent, high, low, volume, "1", None, None, TIME)


def ticker(name: str) -> TickerMessage:
    """Return a market's ticker."""
    view = ticker_view(name)
    return TickerMessage(market=name, type="snapshot", epoch=1, sequence=1, time=TIME, ticker=view)


def ticker_in(state: MarketState, *, sequence: int = 2, prev: int = 1, **said: str | None) -> TickerMessage:
    """Return the news that the market of the scene is in another state."""
    view = msgspec.structs.replace(ticker_view(BTC), state=state, **said)
    return TickerMessage(market=BTC, type="update", epoch=1, sequence=sequence, prev=prev, time=TIME, ticker=view)


def candles(
    shown: Sequence[Candle], *, sequence: int = 1, prev: int | None = None, key: FeedKey = CANDLES
) -> CandlesMessage:
    """Return a snapshot of candles, or an update when `prev` is given."""
    assert key.interval is not None
    return CandlesMessage(
        market=key.market,
        interval=key.interval,
        type="snapshot" if prev is None else "update",
        epoch=1,
        sequence=sequence,
        prev=prev,
        time=TIME,
        candles=[_candle_view(candle) for candle in shown],
    )


def orders(views: list[OrderView], *, sequence: int = 1, prev: int | None = None) -> OrdersMessage:
    """Return a snapshot of orders, or an update when `prev` is given."""
    kind = "snapshot" if prev is None else "update"
    return OrdersMessage(type=kind, epoch=1, sequence=sequence, prev=prev, time=TIME, orders=views)


def populate(exchange: FakeExchange) -> None:
    """Let every channel say its snapshot."""
    exchange.say(BOOK, book(levels(6123450, -150), levels(6123550, 125)))
    exchange.say(TRADES, TradesMessage(market=BTC, type="snapshot", epoch=1, sequence=1, time=TIME, trades=trades()))
    for market in MARKETS:
        exchange.say(FeedKey("ticker", market.market), ticker(market.market))
    views = open_orders()
    exchange.resting = {view.id: view for view in views}
    exchange.say(ORDERS, orders(views))
    exchange.say(FILLS, FillsMessage(type="snapshot", epoch=1, sequence=1, time=TIME, fills=[]))
    exchange.say(WALLET, wallet())


def wallet(*changed: BalanceView, sequence: int = 1, prev: int | None = None) -> WalletMessage:
    """Return a snapshot of the wallet, or an update of what changed when `prev` is given."""
    balances = [
        BalanceView("BTC", "1.25418000", "0.75000000", "0.50418000"),
        BalanceView("ETH", "12.00000000", "0.00000000", "12.00000000"),
        BalanceView("SOL", "0.00000000", "0.00000000", "0.00000000"),
        BalanceView("USDT", "99965.23140000", "9183.90000000", "90781.33140000"),
    ]
    if prev is not None:
        balances = list(changed)
    kind = "snapshot" if prev is None else "update"
    return WalletMessage(type=kind, epoch=1, sequence=sequence, prev=prev, time=TIME, balances=balances)


def minutes(name: str) -> Page[Candle]:
    """Return the last half hour of a market, newest first."""
    last, drift = Decimal(_TICKERS[name][0]), Decimal(_TICKERS[name][1]) / 2000
    end = MOMENT.replace(second=0, microsecond=0)
    closes = [last - drift * i + last * ((i * 13) % 7) / 9000 for i in range(30)]
    return Page([Candle(end - timedelta(minutes=i), c, c, c, c, Decimal(1), 1) for i, c in enumerate(closes)])


def terminal(exchange: FakeExchange, **given: object) -> CryptexTerminal:
    """Return the terminal on a fake exchange, with the fake's clock."""
    exchange.answers.setdefault("newest_candles", [minutes(name) for name in _TICKERS])
    fields: dict[str, object] = {"token": "token", "clock": lambda: exchange.now_s, "lookup_pause_s": 0.0}
    fields |= {"now_text": lambda: "15:40:03", "now": lambda: MOMENT, **given}
    return CryptexTerminal(exchange, **fields)  # type: ignore[arg-type]


def _candle_view(candle: Candle) -> CandleView:
    prices = (f"{price:.2f}" for price in (candle.open, candle.high, candle.low, candle.close))
    time = time_text(int(candle.time.timestamp()) * 10**9)
    return CandleView(time, *prices, f"{candle.volume:.5f}", candle.trades)


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
