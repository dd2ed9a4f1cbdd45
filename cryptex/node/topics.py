"""Channels of markets: what each says at first (snapshot) and after every batch that changed it (update)."""

from abc import ABC, abstractmethod
from typing import Final, Generic, NamedTuple, TypeVar

from cryptex.node.core import Core
from cryptex.node.digest import MarketChanges
from cryptex.protocol.channels import (
    CHECKSUM_LEVELS,
    BookMessage,
    CandlesMessage,
    ChannelMessage,
    TickerMessage,
    TradesMessage,
    book_checksum,
)
from cryptex.protocol.market import Market
from cryptex.protocol.render import levels_view, trade_view
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import LevelView

SNAPSHOT_TRADES: Final = 100
SNAPSHOT_CANDLES: Final = 500
GONE: Final = "0"
"""The size of a level that left the view."""

Levels = list[tuple[int, int]]
C = TypeVar("C")


class Stamp(NamedTuple):
    """Where a message stands in the log."""

    epoch: int
    sequence: int
    time: str


class Topic(ABC, Generic[C]):
    """What one channel of one market or account says, and the last place in the log that it spoke of."""

    def __init__(self, core: Core, stamp: Stamp) -> None:
        self.core = core
        self.stamp = stamp

    @abstractmethod
    def snapshot(self) -> ChannelMessage:
        """Return the whole, as of the last message."""

    @abstractmethod
    def update(self, changes: C, stamp: Stamp) -> ChannelMessage | None:
        """Return what changed, or None where its view stayed the same."""


class MarketTopic(Topic[MarketChanges]):
    """A channel of a market."""

    def __init__(self, core: Core, stamp: Stamp, symbol: str) -> None:
        super().__init__(core, stamp)
        self.symbol = symbol

    @property
    def market(self) -> Market:
        """The market as it is defined now."""
        market = self.core.exchange.market(self.symbol)
        if market is None:
            raise KeyError(self.symbol)
        return market


class BookTopic(MarketTopic):
    """The best `depth` levels a side. An update is O(depth), and free where only deeper levels changed."""

    def __init__(self, core: Core, stamp: Stamp, symbol: str, depth: int) -> None:
        super().__init__(core, stamp, symbol)
        self.depth = depth
        self._bids, self._asks = core.exchange.depth(symbol, depth)

    def snapshot(self) -> BookMessage:
        """Return the whole view."""
        bids, asks = levels_view(self._bids, self.market), levels_view(self._asks, self.market)
        return self._message("snapshot", self.stamp, None, bids, asks, book_checksum(bids, asks))

    def update(self, changes: MarketChanges, stamp: Stamp) -> BookMessage | None:
        """Return the levels that differ from those of the last message."""
        if not (self._reaches_bids(changes.bids) or self._reaches_asks(changes.asks)):
            return None
        market = self.market
        bids, asks = self.core.exchange.depth(self.symbol, self.depth)
        changed_bids = _difference(self._bids, bids, market)
        changed_asks = _difference(self._asks, asks, market)
        if not changed_bids and not changed_asks:
            return None
        self._bids, self._asks = bids, asks
        if changes.checksum is None:
            top_bids, top_asks = bids[:CHECKSUM_LEVELS], asks[:CHECKSUM_LEVELS]
            changes.checksum = book_checksum(levels_view(top_bids, market), levels_view(top_asks, market))
        return self._message("update", stamp, self.stamp.sequence, changed_bids, changed_asks, changes.checksum)

    def _reaches_bids(self, prices: set[int]) -> bool:
        return bool(prices) and (len(self._bids) < self.depth or max(prices) >= self._bids[-1][0])

    def _reaches_asks(self, prices: set[int]) -> bool:
        return bool(prices) and (len(self._asks) < self.depth or min(prices) <= self._asks[-1][0])

    def _message(
        self, kind: str, stamp: Stamp, prev: int | None, bids: list[LevelView], asks: list[LevelView], checksum: int
    ) -> BookMessage:
        return BookMessage(
            market=self.symbol,
            depth=self.depth,
            type="snapshot" if kind == "snapshot" else "update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=prev,
            bids=bids,
            asks=asks,
            checksum=checksum,
        )


class TradesTopic(MarketTopic):
    """Public trades."""

    def snapshot(self) -> TradesMessage:
        """Return the last trades."""
        trades = self.core.market_data.trades(self.symbol, SNAPSHOT_TRADES)
        epoch, sequence, time = self.stamp
        return TradesMessage(
            market=self.symbol, type="snapshot", epoch=epoch, sequence=sequence, time=time, trades=trades
        )

    def update(self, changes: MarketChanges, stamp: Stamp) -> TradesMessage | None:
        """Return the batch's trades."""
        if not changes.trades:
            return None
        market = self.market
        return TradesMessage(
            market=self.symbol,
            type="update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=self.stamp.sequence,
            trades=[trade_view(trade, market, time_ns) for time_ns, trade in changes.trades],
        )


class TickerTopic(MarketTopic):
    """The ticker: told when a trade, another best price or another state changed it."""

    def __init__(self, core: Core, stamp: Stamp, symbol: str) -> None:
        super().__init__(core, stamp, symbol)
        self._best = core.exchange.best(symbol)
        self._phase = core.exchange.phase(symbol)

    def snapshot(self) -> TickerMessage:
        """Return the ticker as it is."""
        return self._message(self.stamp, None)

    def update(self, changes: MarketChanges, stamp: Stamp) -> TickerMessage | None:
        """Return the ticker if it changed."""
        best, phase = self.core.exchange.best(self.symbol), self.core.exchange.phase(self.symbol)
        if best == self._best and phase == self._phase and not changes.trades:
            return None
        self._best, self._phase = best, phase
        return self._message(stamp, self.stamp.sequence)

    def _message(self, stamp: Stamp, prev: int | None) -> TickerMessage:
        bid, ask = self._best
        return TickerMessage(
            market=self.symbol,
            type="snapshot" if prev is None else "update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=prev,
            ticker=self.core.market_data.ticker(self.symbol, bid, ask, self.core.exchange.time_ns, self._phase),
        )


class CandlesTopic(MarketTopic):
    """Candles of one interval."""

    def __init__(self, core: Core, stamp: Stamp, symbol: str, interval: Interval) -> None:
        super().__init__(core, stamp, symbol)
        self.interval = interval

    def snapshot(self) -> CandlesMessage:
        """Return the last candles."""
        epoch, sequence, time = self.stamp
        return CandlesMessage(
            market=self.symbol,
            interval=self.interval,
            type="snapshot",
            epoch=epoch,
            sequence=sequence,
            time=time,
            candles=self.core.market_data.candles(self.symbol, self.interval, SNAPSHOT_CANDLES),
        )

    def update(self, changes: MarketChanges, stamp: Stamp) -> CandlesMessage | None:
        """Return the candles that the batch's trades changed."""
        if not changes.trades:
            return None
        first_ns = changes.trades[0][0]
        return CandlesMessage(
            market=self.symbol,
            interval=self.interval,
            type="update",
            epoch=stamp.epoch,
            sequence=stamp.sequence,
            time=stamp.time,
            prev=self.stamp.sequence,
            candles=self.core.market_data.candle_views_since(self.symbol, self.interval, first_ns),
        )


def _difference(old: Levels, new: Levels, market: Market) -> list[LevelView]:
    """Return the levels that are new or have another size, then those that left, with size 0."""
    before, after = dict(old), dict(new)
    changed = levels_view([level for level in new if before.get(level[0]) != level[1]], market)
    return changed + [(market.price_text(price), GONE) for price, _ in old if price not in after]
