"""Brings the chart's state up to date: candles and book by subscription, older candles page by page."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from cryptex.client.book_replica import BookReplica
from cryptex.client.chain import Replica
from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.replica import CandlesReplica, FillsReplica
from cryptex.client.subscription import Subscription
from cryptex.protocol.terms import Interval
from cryptex.tui.chart.state import ChartState, Older

R = TypeVar("R", bound=Replica[Any])

FRAMES_PER_FOLD: Final = 4
"""A chart is brought up to date five times a second: nobody sees more of it."""
DEPTH_LEVELS: Final = 100
"""Levels a side of the depth chart; one of the depths that the node offers."""
PAGE_CANDLES: Final = 500
"""Older candles that are asked for at a time."""


@dataclass(slots=True)
class _Followed(Generic[R]):
    """A subscription, and the last version of it that was folded in."""

    subscription: Subscription[R]
    version: int = -1

    def news(self) -> R | None:
        """Return the data if it changed and is what the exchange has now."""
        version, self.version = self.version, self.subscription.version
        return self.subscription.replica if version != self.version and self.subscription.live else None


class ChartSource:
    """Follows what the chart shows; `fold` is called in every frame, and sees by itself what was chosen."""

    def __init__(self, exchange: Exchange, state: ChartState) -> None:
        self._exchange = exchange
        self._state = state
        self._market = ""
        self._shown: tuple[str, Interval] | None = None
        self._candles: _Followed[CandlesReplica] | None = None
        self._fills: _Followed[FillsReplica] | None = None
        self._book: _Followed[BookReplica] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._loading: asyncio.Task[None] | None = None
        self._frame = 0

    @property
    def behind_since_s(self) -> float | None:
        """When what the chart shows was last said, in seconds of the monotonic clock, if it may no longer be true."""
        shown = self._book if self._state.view.depth else self._candles
        if shown is None or shown.subscription.live or not shown.subscription.last_change_monotonic:
            return None
        return shown.subscription.last_change_monotonic

    def turn(self, market: str) -> None:
        """Follow another market from the next frame on."""
        self._market = market

    def fold(self) -> None:
        """Follow what the view asks for, and fold in what changed since the last time."""
        self._settle_tasks()
        if not self._market or not self._state.is_wanted:
            return
        self._follow_candles()
        self._follow_book()
        if self._frame % FRAMES_PER_FOLD == 0:
            self._fold_candles()
            self._fold_fills()
            self._fold_book()
        self._frame += 1
        if self._state.older is Older.WANTED:
            self._state.set_older(Older.LOADING)
            self._loading = self._begin(self._load_older())

    async def close(self) -> None:
        """End subscriptions and what is under way."""
        if self._loading is not None:
            self._loading.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for followed in (self._candles, self._fills, self._book):
            if followed is not None:
                await followed.subscription.close()
        self._candles, self._fills, self._book, self._shown = None, None, None, None

    def _follow_candles(self) -> None:
        wanted = (self._market, self._state.view.interval)
        if self._shown == wanted:
            return
        self._state.forget()
        self._drop(self._candles)
        self._drop(self._book)
        self._book = None
        self._candles = _Followed(self._exchange.watch_candles(*wanted))
        if self._fills is None:
            self._fills = _Followed(self._exchange.watch_fills())
        self._fills.version = -1  # those of the other market are to be seen now
        self._shown = wanted
        self._frame = 0

    def _follow_book(self) -> None:
        """Follow a deeper book while the depth chart is on the screen."""
        if self._state.view.depth and self._book is None:
            self._book = _Followed(self._exchange.watch_book(self._market, DEPTH_LEVELS))
            self._frame = 0
        elif not self._state.view.depth and self._book is not None:
            self._drop(self._book)
            self._book = None

    def _fold_candles(self) -> None:
        if self._candles is None:
            return
        state = self._state
        replica = self._candles.news()
        if replica is not None:
            known = state.series.bars if state.series is not None and state.is_live else None
            candles = replica.since(known[-1].candle.time) if known else replica.candles
            state.set_candles(replica.interval, candles)
        state.set_live(self._candles.subscription.live)
        error = self._candles.subscription.error
        state.set_refusal("" if error is None else f"no candles: {error}")

    def _fold_fills(self) -> None:
        replica = self._fills.news() if self._fills is not None else None
        if replica is not None:
            self._state.set_fills(fill for fill in replica.fills if fill.market == self._market)

    def _fold_book(self) -> None:
        replica = self._book.news() if self._book is not None else None
        if replica is not None:
            self._state.set_levels(replica.bids, replica.asks)

    async def _load_older(self) -> None:
        """Ask for the page before the first candle on hand; what comes after a turn elsewhere is let go."""
        state, series = self._state, self._state.series
        if series is None or not series.bars or self._shown is None:
            state.set_older(Older.THERE)
            return
        market, interval = self._shown
        before = datetime.fromtimestamp(series.starts[0], UTC)
        try:
            page = await self._exchange.candles(market, interval, limit=PAGE_CANDLES, before=before)
        except CryptexError:
            found = Older.FAILED
        else:
            grew = state.series is series and series.prepend(page)
            found = Older.THERE if grew and page.next is not None else Older.ENDED
        if state.series is series:
            state.set_older(found)

    def _drop(self, followed: _Followed[Any] | None) -> None:
        if followed is not None:
            self._begin(followed.subscription.close())

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        return task

    def _settle_tasks(self) -> None:
        """Let go of what is done; a defect in it comes up here."""
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            if not task.cancelled():
                task.result()
