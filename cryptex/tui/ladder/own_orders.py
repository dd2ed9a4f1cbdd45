"""Feeds the queue fold from the subscriptions of a market."""

from collections.abc import Sequence
from datetime import datetime

from cryptex.client.book_replica import BookReplica
from cryptex.client.models import Trade
from cryptex.client.replica import OrdersReplica, TickerReplica, TradesReplica
from cryptex.client.subscription import Subscription
from cryptex.tui.ladder.queue import BookAt, Place, QueueFold, open_since


class OwnOrders:
    """One's own resting orders in a market, followed through their queues."""

    def __init__(self, market: str) -> None:
        self._market = market
        self._fold = QueueFold()
        self._open_since: datetime | None = None
        self._seen: tuple[int, ...] = ()
        self._places: tuple[Place, ...] = ()

    def follow(
        self,
        book: Subscription[BookReplica],
        trades: Subscription[TradesReplica],
        orders: Subscription[OrdersReplica],
        ticker: Subscription[TickerReplica],
        newest: Sequence[Trade],
    ) -> tuple[Place, ...]:
        """Return where the orders stand. `newest` are the trades of the subscription, newest first."""
        seen = (book.version, trades.version, orders.version, ticker.version)
        if seen != self._seen:
            self._seen = seen
            self._places = self._followed(book, trades, orders, ticker, newest)
        return self._places

    def _followed(
        self,
        book: Subscription[BookReplica],
        trades: Subscription[TradesReplica],
        orders: Subscription[OrdersReplica],
        ticker: Subscription[TickerReplica],
        newest: Sequence[Trade],
    ) -> tuple[Place, ...]:
        mine = [order for order in orders.replica.open if order.market == self._market]
        said, time = ticker.replica.ticker, book.replica.time
        whole = book.live and trades.live and orders.live and ticker.live
        if not whole or said is None or time is None:
            self._open_since = None
            return self._fold.without_touch(mine)
        self._open_since = open_since(self._open_since, said.state, said.time)
        at = BookAt((), (), book.replica.sequence, time)
        if mine:
            at = at._replace(bids=book.replica.bids, asks=book.replica.asks)
        return self._fold.fold(
            mine,
            at,
            newest,
            orders_sequence=orders.replica.sequence,
            heard_sequence=max(book.replica.sequence, trades.replica.sequence, ticker.replica.sequence),
            open_since=self._open_since,
        )
