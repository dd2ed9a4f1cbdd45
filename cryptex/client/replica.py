"""Replicas of trades, ticker, candles, orders, fills and wallet. Pure: no clock, no I/O."""

from collections import deque
from datetime import datetime
from typing import Final

from sortedcontainers import SortedDict

from cryptex.client.chain import Replica, model_of, models_of
from cryptex.client.models import Balance, Candle, Fill, Order, Ticker, Trade
from cryptex.protocol.channels import (
    CandlesMessage,
    FillsMessage,
    OrdersMessage,
    TickerMessage,
    TradesMessage,
    WalletMessage,
)
from cryptex.protocol.terms import Interval

TRADES_MAX: Final = 1_000
"""Newest trades (and fills) that a replica keeps."""

CLOSED_ORDERS_MAX: Final = 1_000
"""Newest ended orders that a replica keeps."""

CANDLES_MAX: Final = 2_000
"""Newest candles that a replica keeps."""


class TradesReplica(Replica[TradesMessage]):
    """The newest public trades of a market."""

    def __init__(self, market: str) -> None:
        super().__init__()
        self.market = market
        self.trades: deque[Trade] = deque(maxlen=TRADES_MAX)
        """Oldest first."""

    def after(self, trade_id: int) -> list[Trade]:
        """Return the kept trades newer than one, oldest first."""
        return [trade for trade in self.trades if trade.id > trade_id]

    def _fold(self, message: TradesMessage) -> None:
        if message.type == "snapshot":
            self.trades.clear()
        self.trades.extend(models_of(message.trades, Trade))


class FillsReplica(Replica[FillsMessage]):
    """The newest own fills."""

    def __init__(self) -> None:
        super().__init__()
        self.fills: deque[Fill] = deque(maxlen=TRADES_MAX)
        """Oldest first."""

    def after(self, fill_id: int) -> list[Fill]:
        """Return the kept fills newer than one, oldest first."""
        return [fill for fill in self.fills if fill.id > fill_id]

    def _fold(self, message: FillsMessage) -> None:
        if message.type == "snapshot":
            self.fills.clear()
        self.fills.extend(models_of(message.fills, Fill))


class TickerReplica(Replica[TickerMessage]):
    """The ticker of a market."""

    def __init__(self, market: str) -> None:
        super().__init__()
        self.market = market
        self.ticker: Ticker | None = None

    def _fold(self, message: TickerMessage) -> None:
        if message.ticker is not None:
            self.ticker = model_of(message.ticker, Ticker)


class CandlesReplica(Replica[CandlesMessage]):
    """The newest candles of a market."""

    def __init__(self, market: str, interval: Interval) -> None:
        super().__init__()
        self.market = market
        self.interval = interval
        self._candles: SortedDict[datetime, Candle] = SortedDict()

    @property
    def candles(self) -> list[Candle]:
        """Oldest first."""
        return list(self._candles.values())

    def since(self, time: datetime) -> list[Candle]:
        """Return the kept candles that begin at a time or later, oldest first. O(log(kept) + returned)."""
        return [self._candles[begin] for begin in self._candles.irange(minimum=time)]

    def _fold(self, message: CandlesMessage) -> None:
        if message.type == "snapshot":
            self._candles.clear()
        for candle in models_of(message.candles, Candle):
            self._candles[candle.time] = candle
        while len(self._candles) > CANDLES_MAX:
            self._candles.popitem(0)


class OrdersReplica(Replica[OrdersMessage]):
    """Own orders: all that are open, and the newest that ended."""

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[int, Order] = {}
        self._closed: dict[int, Order] = {}

    @property
    def open(self) -> list[Order]:
        """Open orders, by id."""
        return [self._open[order_id] for order_id in sorted(self._open)]

    @property
    def closed(self) -> list[Order]:
        """The newest ended orders, the last to end first."""
        return list(reversed(self._closed.values()))

    def get(self, order_id: int) -> Order | None:
        """Return an order that is open or ended lately."""
        return self._open.get(order_id) or self._closed.get(order_id)

    def _fold(self, message: OrdersMessage) -> None:
        if message.type == "snapshot":
            self._open.clear()
            self._closed.clear()
        for order in models_of(message.orders, Order):
            if order.is_open:
                self._open[order.id] = order
                continue
            self._open.pop(order.id, None)
            self._closed.pop(order.id, None)
            self._closed[order.id] = order
        while len(self._closed) > CLOSED_ORDERS_MAX:
            del self._closed[next(iter(self._closed))]


class WalletReplica(Replica[WalletMessage]):
    """Own balances."""

    def __init__(self) -> None:
        super().__init__()
        self.balances: dict[str, Balance] = {}
        """By asset, in the node's order."""

    def get(self, asset: str) -> Balance | None:
        """Return the balance of an asset."""
        return self.balances.get(asset)

    def _fold(self, message: WalletMessage) -> None:
        if message.type == "snapshot":
            self.balances.clear()
        for balance in models_of(message.balances, Balance):
            self.balances[balance.asset] = balance
