"""Market data: candles, tickers and recent trades, folded from events. Pure: integers in, and log time only."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from cryptex.engine.market_states import OPEN_PHASE, Phase
from cryptex.node.candles import Candles, candle_view
from cryptex.node.day_window import DayWindow
from cryptex.node.fold_states import Candle, MarketState
from cryptex.protocol.events import Event, MarketDefined, Trade
from cryptex.protocol.market import Market
from cryptex.protocol.render import trade_view
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import CandleView, TickerView, TradeView

TRADES_KEPT_MAX: Final = 1000
"""Recent trades kept of each market."""


class _MarketFold:
    """What is folded for one market; `from_first` when that began with the market's first definition."""

    def __init__(self, market: Market, *, from_first: bool) -> None:
        self.market = market
        self.from_first = from_first
        self.candles = Candles()
        self.day = DayWindow()
        self.trades: deque[tuple[int, int, Trade]] = deque(maxlen=TRADES_KEPT_MAX)

    def add(self, sequence: int, time_ns: int, trade: Trade) -> None:
        """Fold a trade in."""
        price_ticks, size_lots = trade.price_ticks, trade.size_lots
        quote_units = price_ticks * size_lots * self.market.notional_units
        self.candles.add(time_ns, price_ticks, size_lots, quote_units)
        self.day.add(time_ns, price_ticks, size_lots, quote_units)
        self.trades.append((sequence, time_ns, trade))

    def dump(self) -> MarketState:
        """Return what `load` needs."""
        return MarketState(self.market, self.candles.dump(), self.day.dump(), list(self.trades), self.from_first)

    @classmethod
    def load(cls, state: MarketState) -> "_MarketFold":
        """Return a fold as it was dumped."""
        fold = cls(state.market, from_first=state.from_first)
        fold.candles.load(state.candles)
        fold.day.load(state.day)
        fold.trades.extend(state.trades)
        return fold


FOLDED_BY_MARKET_DATA: Final[frozenset[type[Event]]] = frozenset({Trade, MarketDefined})
"""Most events are none of ours."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[MarketState])


class MarketData:
    """Candles, 24 h tickers and the last trades of every market. Reads of an unknown market raise KeyError."""

    def __init__(self) -> None:
        self._markets: dict[str, _MarketFold] = {}
        self._traded_since_ns: dict[str, int] = {}

    def apply(self, sequence: int, time_ns: int, events: Iterable[Event]) -> None:
        """Fold in the events of one command."""
        for event in events:
            if type(event) not in FOLDED_BY_MARKET_DATA:
                continue
            if isinstance(event, Trade):
                self._add(sequence, time_ns, event)
            elif isinstance(event, MarketDefined):
                self._define(event)

    def _add(self, sequence: int, time_ns: int, trade: Trade) -> None:
        self._markets[trade.market].add(sequence, time_ns, trade)
        if trade.market not in self._traded_since_ns:
            self._traded_since_ns[trade.market] = time_ns

    def _define(self, event: MarketDefined) -> None:
        """Take a definition over; with other steps, older ticks and lots mean nothing any more."""
        symbol = event.market.symbol
        if event.steps_changed or symbol not in self._markets:
            self._markets[symbol] = _MarketFold(event.market, from_first=symbol not in self._markets)
            self._traded_since_ns.pop(symbol, None)
        else:
            self._markets[symbol].market = event.market

    def from_first(self, market: str) -> bool:
        """Return whether nothing was forgotten of a market but what outgrew the limits: no other steps came between."""
        return self._markets[market].from_first

    def ticker(
        self,
        market: str,
        bid_ticks: int | None,
        ask_ticks: int | None,
        time_ns: int,
        phase: Phase = OPEN_PHASE,
    ) -> TickerView:
        """Return the ticker of a market with the best prices and the state that it has now."""
        fold = self._markets[market]
        return fold.day.ticker(fold.market, bid_ticks, ask_ticks, time_ns, phase)

    def candles(self, market: str, interval: Interval, limit: int, before_ns: int | None = None) -> list[CandleView]:
        """Return the newest candles (that begin before `before_ns`), oldest first."""
        fold = self._markets[market]
        return [candle_view(candle, fold.market) for candle in fold.candles.last(interval, limit, before_ns)]

    def candles_since(self, market: str, interval: Interval, time_ns: int) -> list[Candle]:
        """Return the candles, oldest first, that trades at or after `time_ns` have changed."""
        return self._markets[market].candles.since(interval, time_ns)

    def candle_views_since(self, market: str, interval: Interval, time_ns: int) -> list[CandleView]:
        """Return `candles_since` as users see them."""
        fold = self._markets[market]
        return [candle_view(candle, fold.market) for candle in fold.candles.since(interval, time_ns)]

    def trades(self, market: str, limit: int, before: int | None = None) -> list[TradeView]:
        """Return the last trades (with ids below `before`), oldest first."""
        fold = self._markets[market]
        found = reversed(fold.trades)
        newest = [*islice((each for each in found if before is None or each[2].trade_id < before), limit)]
        return [trade_view(trade, fold.market, time_ns) for _, time_ns, trade in reversed(newest)]

    def trades_kept(self, market: str) -> int:
        """Return how many trades are in memory."""
        return len(self._markets[market].trades)

    def drain(self) -> dict[str, int]:
        """Return the markets traded since the last drain, each with the log time of its first trade since then.

        With that time `candles_since` tells which candles changed. One reader drains a MarketData.
        """
        traded, self._traded_since_ns = self._traded_since_ns, {}
        return traded

    def dump(self) -> bytes:
        """Return the whole fold as bytes."""
        return _encoder.encode([fold.dump() for fold in self._markets.values()])

    @classmethod
    def load(cls, data: bytes) -> "MarketData":
        """Return a fold from what `dump` made; nothing counts as traded since a drain.

        Raises msgspec.DecodeError when the bytes are something else.
        """
        market_data = cls()
        for state in _decoder.decode(data):
            market_data._markets[state.market.symbol] = _MarketFold.load(state)
        return market_data
