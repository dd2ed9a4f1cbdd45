"""An engine, and what a node would tell one of its users: batch by batch, the market before the account."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from cryptex.client.chain import model_of
from cryptex.client.models import Level, Order, Trade
from cryptex.engine.exchange import Exchange
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.render import levels_view, order_view, trade_view
from cryptex.protocol.terms import MarketState, Side
from cryptex.protocol.times import time_text
from cryptex.tui.ladder.queue import BookAt, Place, QueueFold, open_since
from tests.engine.world import MARKET, WHOLE, opening

ME = 1
START = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


@dataclass
class Known:
    """What the user's replicas hold."""

    book: BookAt = field(default_factory=lambda: BookAt([], [], 0, START))
    trades: list[Trade] = field(default_factory=list)
    """Newest first."""
    trades_sequence: int = 0
    orders: dict[int, Order] = field(default_factory=dict)
    orders_sequence: int = 0
    state: MarketState = MarketState.OPEN
    state_time: datetime = START
    ticker_sequence: int = 0


class Told:
    """Applies commands, delivers messages, and folds what has been delivered so far."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.now_ns = 1_767_225_600 * 10**9
        self.known = Known()
        self.places: tuple[Place, ...] = ()
        self.amended: set[int] = set()
        """Own orders amended since the last fold: two amendments at once can hide that a place was lost."""
        self._queue = QueueFold()
        self._open_since: datetime | None = None
        self._messages: deque[tuple[int, Callable[[], None]]] = deque()
        self._truth: dict[int, dict[int, tuple[int, int]]] = {}
        """By the sequence at the end of a batch: own order -> (its sequence, lots ahead of it)."""
        self.heard = 0
        with_auction = msgspec.structs.replace(WHOLE, auction_duration="15s")
        for command in opening(with_auction, lots=10_000, open_orders_max=50):
            self._apply(command, 1)
        self._publish([])

    def batch(self, *commands: c.Command, after_ns: int = 1) -> None:
        """Apply commands, and queue the messages about them."""
        trades: list[tuple[int, e.Trade]] = []
        for command in commands:
            events = self._apply(command, after_ns)
            trades += [(self.now_ns, event) for event in events if isinstance(event, e.Trade)]
        self._publish(trades)

    def deliver(self, count: int = 1_000) -> None:
        """Let the next messages arrive."""
        while self._messages and count:
            self.heard, take = self._messages.popleft()
            take()
            count -= 1

    def fold(self) -> None:
        """Fold what arrived, as a frame of the terminal does."""
        known = self.known
        self._open_since = open_since(self._open_since, known.state, known.state_time)
        if not self._messages:
            self.amended.clear()
        self.places = self._queue.fold(
            known.orders.values(),
            known.book,
            known.trades,
            orders_sequence=known.orders_sequence,
            heard_sequence=max(known.book.sequence, known.trades_sequence, known.ticker_sequence),
            open_since=self._open_since,
        )

    def lose_touch(self) -> None:
        """Be without a connection for a moment."""
        self._queue.without_touch(self.known.orders.values())
        self._open_since = None

    def check(self) -> None:
        """No bound is below the truth at the newest place in the log that any message spoke of."""
        truth = self._truth[self.heard] if self.heard else {}
        for place in self.places:
            sequence, ahead = truth.get(place.order_id, (0, 0))
            if place.ahead is not None and sequence and self.known.orders[place.order_id].sequence == sequence:
                assert place.ahead >= ahead, (place, ahead)

    def ahead(self) -> list[str | None]:
        """Return the bounds, oldest order first."""
        return [None if place.ahead is None else f"{place.ahead:f}" for place in self.places]

    def _apply(self, command: c.Command, after_ns: int) -> list[e.Event]:
        self.now_ns += after_ns
        return self.exchange.apply(self.now_ns, command)

    def _publish(self, trades: list[tuple[int, e.Trade]]) -> None:
        exchange, market = self.exchange, self.exchange.markets[MARKET]
        sequence, time = exchange.sequence, datetime.fromisoformat(time_text(self.now_ns))
        self._truth[sequence] = self._queues()
        known = self.known
        sides = [levels_view(levels, market) for levels in exchange.depth(MARKET, 25)]
        bids, asks = ([Level(Decimal(price), Decimal(size)) for price, size in side] for side in sides)
        book = BookAt(bids, asks, sequence, time)
        state, _ = exchange.market_state(MARKET)
        sold = [model_of(trade_view(trade, market, time_ns), Trade) for time_ns, trade in trades]
        orders = {o.order_id: model_of(order_view(o, market), Order) for o in exchange.open_orders(ME, MARKET)}

        def take_book() -> None:
            known.book = book

        def take_trades() -> None:
            known.trades, known.trades_sequence = [*reversed(sold), *known.trades], sequence

        def take_state() -> None:
            known.state, known.state_time, known.ticker_sequence = state, time, sequence

        def take_orders() -> None:
            known.orders, known.orders_sequence = orders, sequence

        for take in (take_book, *([take_trades] if sold else []), take_state, take_orders):
            self._messages.append((sequence, take))

    def _queues(self) -> dict[int, tuple[int, int]]:
        book = self.exchange.live_markets[MARKET].book
        found: dict[int, tuple[int, int]] = {}
        for side in Side:
            for level in book.own(side):
                ahead = 0
                for order in level:
                    if order.account_id == ME:
                        found[order.order_id] = (order.sequence, ahead)
                    ahead += order.remaining_lots
        return found
