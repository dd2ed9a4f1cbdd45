"""Whole lists, however long: each page is asked for when the rows of the one before it are used up."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Generic, Self, TypeVar

from cryptex.client.errors import NodeUnreachableError, UnavailableError
from cryptex.client.models import Candle, Entry, Fill, Order, Page, Trade
from cryptex.client.reads import Reads
from cryptex.client.rest import RestClient
from cryptex.client.timing import Backoff, Timing
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import Interval, OrderStatus

T = TypeVar("T")

PAGE_ROWS: Final = 500
"""Rows that are asked for at a time; a node gives at most 1,000."""

PAGE_ATTEMPTS_MAX: Final = 8
"""How often a page is asked for while the node has no time for it: reading twice changes nothing."""

RETRY_AFTER_MAX_S: Final = 30
"""The longest wait that a node may ask for between two attempts."""

Position = int | str | None
"""Where a page begins: the `before` of the request; None is the newest."""


class Rows(Generic[T]):
    """The rows of a list, newest first: iterate with `async for`, or take them by `page`.

    A page that the node cannot give now (it restarts, or says `rate_limited`) is asked for again, a few times; but a
    node that is not there for the first page is an error at once.
    """

    def __init__(self, ask: Callable[[Position], Awaitable[Page[T]]], timing: Timing) -> None:
        self._ask = ask
        self._timing = timing
        self._before: Position = None
        self._ended = False
        self._left: list[T] = []
        """Rows of the page in hand, the next one last."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._left:
            self._left = (await self.page())[::-1]
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()

    async def page(self) -> list[T]:
        """Return the next rows, none at the end."""
        if self._left:
            rows, self._left = self._left[::-1], []
            return rows
        while not self._ended:
            page = await self._next()
            self._before, self._ended = page.next, page.next is None
            if page:
                return page
        return []

    async def _next(self) -> Page[T]:
        backoff = Backoff(self._timing.random)
        for _ in range(PAGE_ATTEMPTS_MAX - 1):
            try:
                return await self._ask(self._before)
            except UnavailableError as error:
                if not self._worth_another(error):
                    raise
                asked_s = error.details.get("retry_after")
                wait_s = min(asked_s, RETRY_AFTER_MAX_S) if isinstance(asked_s, int) else 0
                await self._timing.sleep(max(wait_s, backoff.next_s()))
        return await self._ask(self._before)

    def _worth_another(self, error: UnavailableError) -> bool:
        if self._before is None and isinstance(error, NodeUnreachableError):
            return False
        if error.code is Code.UNAVAILABLE and not isinstance(error, NodeUnreachableError):
            return False  # the caller has asked again, READ_WAITS_S long
        return error.problem is None or error.problem.retryable


class Paging(Reads):
    """Base of Exchange: lists as a whole. What happens after the first page was asked for is not in them."""

    def __init__(self, rest: RestClient, timing: Timing) -> None:
        super().__init__(rest)
        self._timing = timing

    def all_orders(self, *, status: OrderStatus | str | None = None, market: str | None = None) -> Rows[Order]:
        """Return all own orders, newest first, ended ones included; `status="open"` means all that live."""

        async def ask(before: Position) -> Page[Order]:
            return await self.orders(status=status, market=market, limit=PAGE_ROWS, before=_number(before))

        return Rows(ask, self._timing)

    def all_fills(self, *, market: str | None = None, order_id: int | None = None) -> Rows[Fill]:
        """Return all own fills, newest first."""

        async def ask(before: Position) -> Page[Fill]:
            return await self.fills(market=market, order_id=order_id, limit=PAGE_ROWS, before=_number(before))

        return Rows(ask, self._timing)

    def all_entries(self) -> Rows[Entry]:
        """Return all own ledger entries, newest first."""

        async def ask(before: Position) -> Page[Entry]:
            return await self.entries(limit=PAGE_ROWS, before=_number(before))

        return Rows(ask, self._timing)

    def all_trades(self, market: str) -> Rows[Trade]:
        """Return all public trades of a market, newest first."""

        async def ask(before: Position) -> Page[Trade]:
            return await self.trades(market, limit=PAGE_ROWS, before=_number(before))

        return Rows(ask, self._timing)

    def all_candles(
        self, market: str, interval: Interval | str = Interval.M1, *, before: datetime | str | None = None
    ) -> Rows[Candle]:
        """Return all candles of a market, newest first; `before` leaves out what is newer."""

        async def ask(position: Position) -> Page[Candle]:
            until = before if position is None else str(position)
            return await self.candles(market, interval, limit=PAGE_ROWS, before=until)

        return Rows(ask, self._timing)


def _number(before: Position) -> int | None:
    return None if before is None else int(before)
