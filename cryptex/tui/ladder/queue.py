"""How much stands before one's own orders: an upper bound folded from public data. Pure.

The exchange tells nobody a place in a queue. But nobody can get in front of a resting order, so what was ahead of it
once is the most that can be ahead of it now, and two things lower that:

- a level holds all that is ahead, the order itself, and what joined after it: ahead <= level - own - own orders behind;
- a trade at the order's price takes from the front of the queue.

The feeds speak one after another, so each figure is taken together with its place in the log. A book may lower a
bound only once the orders are known to be as new as it is (the node tells of books before orders, batch by batch), and
a trade only if it happened after the book that the bound stands on. In an auction a trade at a price need not be with
the orders that rest there: trades count from the time when the market is known to be open.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cryptex.client.models import Level, Order, Trade
from cryptex.protocol.terms import MarketState, OrderStatus, Side

_ZERO: Final = Decimal(0)
_RESTING: Final = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})


class BookAt(NamedTuple):
    """A book, and its place in the log."""

    bids: Sequence[Level]
    asks: Sequence[Level]
    sequence: int
    time: datetime

    def size(self, side: Side, price: Decimal) -> Decimal | None:
        """Return the size of a level; None where there is none in view."""
        levels = self.bids if side is Side.BUY else self.asks
        sign = -1 if side is Side.BUY else 1
        at = bisect_left(levels, sign * price, key=lambda level: sign * level.price)
        return levels[at].size if at < len(levels) and levels[at].price == price else None


class Place(NamedTuple):
    """An own resting order. At most `ahead` stands before it; None while nothing is known."""

    order_id: int
    side: Side
    price: Decimal
    remaining: Decimal
    ahead: Decimal | None


@dataclass(slots=True)
class _Waiting:
    """An own order in a queue. `as_of` is the time of the book that `ahead` stands on."""

    order: Order
    joined_sequence: int
    """No earlier book knows of it."""
    joined_after: datetime
    joined_before: datetime
    """It joined the queue between these times."""
    ahead: Decimal | None = None
    as_of: datetime | None = None


@dataclass(slots=True)
class QueueFold:
    """Follows the own orders of one market through their queues."""

    _waiting: dict[int, _Waiting] = field(default_factory=dict)
    _last_trade: int = 0
    _unsettled: BookAt | None = None
    _caught_up: int | None = None
    """What had been heard when the feeds were whole again: what comes after it comes in the order of the log."""

    def fold(
        self,
        orders: Iterable[Order],
        book: BookAt,
        trades: Sequence[Trade],
        *,
        orders_sequence: int,
        heard_sequence: int,
        open_since: datetime | None,
    ) -> tuple[Place, ...]:
        """Take what the feeds hold now, all of one market.

        `trades` are the newest, newest first; `orders_sequence` is the log's place of the last message of orders and
        `heard_sequence` the greatest of the market's feeds. Returns the resting orders, the oldest first. Bounds are
        true as long as an order is amended at most once between two folds.
        """
        if self._caught_up is None:
            self._caught_up = heard_sequence
        self._take_orders(orders)
        self._take_trades(trades, open_since)
        for candidate in (self._unsettled, book):
            if candidate is None:
                continue
            # Orders are told last: with a later message heard, or orders as new as the book, none of them is missing.
            later_heard = heard_sequence > max(candidate.sequence, self._caught_up)
            if orders_sequence >= candidate.sequence or later_heard:
                self._take_book(candidate, trades, open_since)
        self._unsettled = book
        return self._places()

    def without_touch(self, orders: Iterable[Order]) -> tuple[Place, ...]:
        """Take orders alone: while a feed is out of touch, messages may be missing."""
        self._unsettled = self._caught_up = None
        self._take_orders(orders)
        return self._places()

    def _places(self) -> tuple[Place, ...]:
        return tuple(
            Place(i, w.order.side, w.order.price or _ZERO, w.order.remaining, w.ahead)
            for i, w in sorted(self._waiting.items())
        )

    def _take_orders(self, orders: Iterable[Order]) -> None:
        resting = {o.id: o for o in orders if o.status in _RESTING and o.price is not None}
        self._waiting = {i: self._followed(self._waiting.get(i), order) for i, order in resting.items()}

    def _followed(self, known: _Waiting | None, order: Order) -> _Waiting:
        if known is None:
            return _Waiting(order, order.sequence, order.created_at, order.updated_at)
        before, known.order = known.order, order
        if order.sequence == before.sequence:
            return known
        if order.price != before.price or (order.size or _ZERO) > (before.size or _ZERO):
            return _Waiting(order, order.sequence, before.updated_at, order.updated_at)
        if order.size == before.size and order.canceled_size == before.canceled_size:
            # Nothing but a fill, which only the front of the queue gets, or it went away and came back within a frame.
            if order.filled == before.filled:
                return _Waiting(order, order.sequence, before.updated_at, order.updated_at)
            known.ahead = _ZERO
        return known

    def _take_trades(self, trades: Sequence[Trade], open_since: datetime | None) -> None:
        newest = trades[0].id if trades else 0
        if newest < self._last_trade:  # another history: the node began anew
            self._last_trade = 0
        if self._waiting and open_since is not None:
            for trade in trades:
                if trade.id <= self._last_trade:
                    break
                self._take_trade(trade, open_since)
        self._last_trade = max(newest, self._last_trade)

    def _take_trade(self, trade: Trade, open_since: datetime) -> None:
        for waiting in self._waiting.values():
            if not waiting.ahead or waiting.as_of is None or not _took_from(trade, waiting.order):
                continue
            if trade.time > max(waiting.as_of, open_since):
                waiting.ahead = max(_ZERO, waiting.ahead - trade.size)

    def _take_book(self, book: BookAt, trades: Sequence[Trade], open_since: datetime | None) -> None:
        for waiting in self._waiting.values():
            price = waiting.order.price
            if waiting.joined_sequence > book.sequence or price is None:
                continue
            size = book.size(waiting.order.side, price)
            if size is None:
                continue
            ahead = size - waiting.order.remaining - self._behind(waiting, book.sequence)
            if open_since is not None:
                ahead -= _taken(waiting.order, trades, max(book.time, open_since))
            ahead = max(_ZERO, ahead)
            if waiting.ahead is None or ahead < waiting.ahead:
                waiting.ahead, waiting.as_of = ahead, book.time

    def _behind(self, waiting: _Waiting, sequence: int) -> Decimal:
        """Return the own size that is known to stand behind an order, and to be in the book of a sequence."""
        return sum(
            (
                other.order.remaining
                for other in self._waiting.values()
                if other.joined_after > waiting.joined_before
                and other.joined_sequence <= sequence
                and other.order.price == waiting.order.price
                and other.order.side is waiting.order.side
            ),
            _ZERO,
        )


def open_since(before: datetime | None, state: MarketState, told_at: datetime) -> datetime | None:
    """Return from when on a market is known to trade without auctions; None while it does not.

    `before` is what this was at the last fold (None as well where the feeds were out of touch since); `state` is what
    the market said of itself at `told_at`.
    """
    return (before or told_at) if state is MarketState.OPEN else None


def _took_from(trade: Trade, order: Order) -> bool:
    """Return whether a trade was with the orders at an order's price, on its side."""
    return trade.price == order.price and trade.side is not order.side


def _taken(order: Order, trades: Sequence[Trade], after: datetime) -> Decimal:
    """Return what trades took from an order's level after a time."""
    taken = _ZERO
    for trade in trades:
        if trade.time <= after:
            break
        if _took_from(trade, order):
            taken += trade.size
    return taken
