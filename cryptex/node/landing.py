"""Gathers what batches did into one landing for the read model."""

from collections.abc import Iterator
from typing import Final

from cryptex.node.applied import Applied
from cryptex.node.fold_states import Candle
from cryptex.node.replay import State
from cryptex.protocol.events import (
    AssetDefined,
    Event,
    Fill,
    LevelChanged,
    MarketDefined,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderReduced,
    OrderRejected,
    OrderTriggered,
    Posting,
    Trade,
    WithdrawalChanged,
)
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.terms import Interval
from cryptex.protocol.withdrawal import Withdrawal
from cryptex.store.projector import BookRow, CandleRow, Landing

STORED_BOOK_LEVELS: Final = 25
"""Levels of each side in the stored order book."""

_ORDER_CHANGES: Final = (OrderAccepted, OrderRejected, OrderTriggered, OrderAmended, OrderReduced, OrderEnded)


class LandingBuilder:
    """What happened since the last landing. Orders, candles and books are read from the state when it is built."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.market_data.drain()
        self._begin()

    def _begin(self) -> None:
        self.commands = 0
        self._assets: list[Asset] = []
        self._markets: list[Market] = []
        self._order_ids: dict[int, None] = {}
        self._trades: list[tuple[int, int, Trade]] = []
        self._fills: list[tuple[int, int, Fill]] = []
        self._postings: list[tuple[int, int, Posting]] = []
        self._books: dict[str, tuple[int, int]] = {}
        self._withdrawals: dict[int, Withdrawal] = {}

    def add(self, applied: list[Applied]) -> None:
        """Fold in what a batch did."""
        self.commands += len(applied)
        self._state.fold(applied)
        for sequence, time_ns, events in applied:
            for event in events:
                self._add(sequence, time_ns, event)

    def _add(self, sequence: int, time_ns: int, event: Event) -> None:  # the most frequent events first
        if isinstance(event, Posting):
            self._postings.append((sequence, time_ns, event))
        elif isinstance(event, LevelChanged):
            self._books[event.market] = (sequence, time_ns)
        elif isinstance(event, Fill):
            self._fills.append((sequence, time_ns, event))
            self._order_ids[event.order_id] = None
        elif isinstance(event, Trade):
            self._trades.append((sequence, time_ns, event))
        elif isinstance(event, _ORDER_CHANGES):
            self._order_ids[event.order_id] = None
        elif isinstance(event, WithdrawalChanged):
            self._withdrawals[event.withdrawal.withdrawal_id] = event.withdrawal
        elif isinstance(event, AssetDefined):
            self._assets.append(event.asset)
        elif isinstance(event, MarketDefined):
            self._markets.append(event.market)

    def build(self, chain_hash: bytes) -> Landing:
        """Return the landing of everything since the last one, and begin the next. The hash is the last batch's."""
        exchange = self._state.exchange
        landing = Landing(
            sequence=exchange.sequence,
            time_ns=exchange.time_ns,
            chain_hash=chain_hash,
            assets=self._assets,
            markets=self._markets,
            orders=[order for order in map(exchange.order, self._order_ids) if order is not None],
            trades=self._trades,
            fills=self._fills,
            postings=self._postings,
            candles=list(self._candles()),
            books=[self._book(market, *changed) for market, changed in self._books.items()],
            withdrawals=list(self._withdrawals.values()),
        )
        self._state.recent.add_closed(exchange.take_closed())
        self._state.recent.projected(exchange.sequence)
        self._begin()
        return landing

    def _candles(self) -> Iterator[CandleRow]:
        for market, since_ns in self._state.market_data.drain().items():
            for interval in Interval:
                for candle in self._state.market_data.candles_since(market, interval, since_ns):
                    yield _candle_row(market, interval, candle)

    def _book(self, market: str, sequence: int, time_ns: int) -> BookRow:
        """Return a book as of its last change, so that the row does not depend on where landings end."""
        bids, asks = self._state.exchange.depth(market, STORED_BOOK_LEVELS)
        return BookRow(market=market, sequence=sequence, time_ns=time_ns, bids=bids, asks=asks)


def _candle_row(market: str, interval: Interval, candle: Candle) -> CandleRow:
    return CandleRow(
        market=market,
        interval=interval,
        time_ns=candle.time_ns,
        open_ticks=candle.open_ticks,
        high_ticks=candle.high_ticks,
        low_ticks=candle.low_ticks,
        close_ticks=candle.close_ticks,
        volume_lots=candle.volume_lots,
        quote_units=candle.quote_units,
        trades=candle.trades,
    )
