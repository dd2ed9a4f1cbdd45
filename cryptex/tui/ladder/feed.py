"""The book's subscription, which can become deeper: the old one stays on the screen until the new one is live."""

from cryptex.client.book_replica import BookReplica
from cryptex.client.exchange import Exchange
from cryptex.client.subscription import Subscription
from cryptex.tui.ladder.grouping import DEPTH_MIN


class BookFeed:
    """Follows a market's book at the depth that was asked for last."""

    def __init__(self, exchange: Exchange, market: str) -> None:
        self._exchange = exchange
        self._market = market
        self._next: Subscription[BookReplica] | None = None
        self.subscription = exchange.watch_book(market, DEPTH_MIN)

    @property
    def book(self) -> BookReplica:
        """The book to show."""
        return self.subscription.replica

    def want(self, depth: int) -> Subscription[BookReplica] | None:
        """Ask for a depth. Returns a subscription that is of no use any more, to be closed."""
        upcoming = self._next
        if upcoming is None:
            if depth != self.book.depth:
                self._next = self._exchange.watch_book(self._market, depth)
            return None
        if upcoming.replica.depth != depth:
            self._next = None
            return upcoming
        if not upcoming.live:
            return None
        ended, self.subscription, self._next = self.subscription, upcoming, None
        return ended

    async def close(self) -> None:
        """End what is subscribed to."""
        await self.subscription.close()
        if self._next is not None:
            await self._next.close()
