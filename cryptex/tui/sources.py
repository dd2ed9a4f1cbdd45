"""Subscriptions and the model they fold into. The only place that reads the SDK's replicas."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from cryptex.client.book_replica import BookReplica
from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Fill, Ticker
from cryptex.client.replica import FillsReplica, OrdersReplica, TickerReplica
from cryptex.client.subscription import Subscription
from cryptex.protocol.terms import Interval, Side
from cryptex.tui.chart.source import ChartSource
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.ladder.feed import BookFeed
from cryptex.tui.ladder.own_orders import OwnOrders
from cryptex.tui.market.spark import MINUTES_MAX
from cryptex.tui.market.state import state_text
from cryptex.tui.model import TAPE_MAX, TerminalModel, Tone

RECALLED_MAX: Final = 24
"""Markets whose last hour is asked for at the start."""


@dataclass(slots=True)
class _Tap:
    """A subscription, what it does to the model, the panels that show it, and the last version folded."""

    subscription: Subscription[Any]
    fold: Callable[[], None]
    parts: tuple[Part, ...]
    version: int = -1
    refused: bool = False


class Sources:
    """Follows the account, all tickers and one market; `fold` brings the model up to date, once a frame."""

    def __init__(self, exchange: Exchange, model: TerminalModel, now_text: Callable[[], str]) -> None:
        self._exchange = exchange
        self._model = model
        self._now_text = now_text
        self._lasting: list[_Tap] = []
        self._market: list[_Tap] = []
        """The book first, then the trades."""
        self._feed: BookFeed | None = None
        self._own = OwnOrders("")
        self._orders: Subscription[OrdersReplica] | None = None
        self._tickers: dict[str, Subscription[TickerReplica]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._last_fill: int | None = None
        self._last_ended = 0
        """Sequence of the last ended order that was folded."""
        self.chart = ChartSource(exchange, model.chart)

    @property
    def book_live(self) -> bool:
        """Whether the book on the screen is in sequence."""
        return bool(self._market) and self._market[0].subscription.live

    def behind(self) -> dict[Part, float]:
        """Return the panels that show what may no longer be true, each with when its channel last said something.

        A channel can be out of touch while the others are not: it lost an update, and its snapshot is on its way.
        """
        out: dict[Part, float] = {}
        for tap in (*self._market, *self._lasting):
            heard_s = tap.subscription.last_change_monotonic
            if heard_s and not tap.subscription.live:
                out |= {part: min(heard_s, out.get(part, heard_s)) for part in tap.parts}
        if self.chart.behind_since_s is not None:
            out[Part.CHART] = self.chart.behind_since_s
        return out

    def open(self, markets: Iterable[str]) -> None:
        """Follow the account and the tickers of the markets."""
        orders = self._orders = self._exchange.watch_orders()
        wallet = self._exchange.watch_wallet()
        fills = self._exchange.watch_fills()
        self._lasting = [
            _Tap(orders, lambda: self._fold_orders(orders.replica), (Part.ORDERS, Part.HISTORY)),
            _Tap(
                wallet,
                lambda: self._model.set_balances(wallet.replica.balances.values()),
                (Part.WALLET, Part.LEDGER),
            ),
            _Tap(fills, lambda: self._fold_fills(fills.replica), (Part.FILLS,)),
            *(self._ticker(market) for market in markets),
        ]

    async def turn(self, market: str) -> None:
        """Follow another market's book and trades; the old ones are closed after, so that turns may overlap."""
        self.chart.turn(market)
        old, self._market = self._market, []
        left, self._feed = self._feed, BookFeed(self._exchange, market)
        trades = self._exchange.watch_trades(market)
        self._own = OwnOrders(market)
        self._market = [
            self._book(self._feed.subscription),
            _Tap(
                trades, lambda: self._model.set_trades(islice(reversed(trades.replica.trades), TAPE_MAX)), (Part.TAPE,)
            ),
        ]
        for tap in old[1:]:
            await tap.subscription.close()
        if left is not None:
            await left.close()

    async def recall(self) -> None:
        """Ask for the last hour of the first markets: sparklines begin with it. Where there is no answer they grow."""
        for market in list(self._model.terms)[:RECALLED_MAX]:
            with suppress(CryptexError):
                page = await self._exchange.candles(market, Interval.M1, limit=MINUTES_MAX)
                self._model.recall_minutes(market, page)

    def fold(self) -> None:
        """Fold in what changed since the last frame."""
        self._deepen()
        for tap in (*self._market, *self._lasting):
            subscription = tap.subscription
            self._note_refusal(tap)
            if tap.version == subscription.version:
                continue
            tap.version = subscription.version
            if subscription.last_change_monotonic:
                self._model.heard(subscription.last_change_monotonic)
                if tap in self._market:
                    self._model.watch.ticked(subscription.last_change_monotonic)
            if subscription.live:
                tap.fold()
        self._follow_own()
        self.chart.fold()

    async def close(self) -> None:
        """End all subscriptions."""
        await self.chart.close()
        for tap in (*self._market, *self._lasting):
            await tap.subscription.close()
        if self._feed is not None:
            await self._feed.close()
        self._market, self._lasting, self._feed = [], [], None

    def _book(self, book: Subscription[BookReplica]) -> _Tap:
        def fold() -> None:
            self._model.ladder.book_depth = book.replica.depth
            self._model.set_book(book.replica.bids, book.replica.asks)
            self._model.chart.hear(book.replica.time)

        return _Tap(book, fold, (Part.LADDER,))

    def _deepen(self) -> None:
        """Follow the book as deep as the ladder needs it."""
        ended = self._feed and self._feed.want(self._model.ladder.depth)
        if not ended or not self._feed or not self._market:
            return
        if ended is self._market[0].subscription:
            self._market[0] = self._book(self._feed.subscription)
        closing = asyncio.create_task(ended.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _follow_own(self) -> None:
        """Follow one's own orders through the queues of the market."""
        ticker = self._tickers.get(self._model.market)
        if not self._market or self._orders is None or ticker is None:
            return
        book, trades = (tap.subscription for tap in self._market)
        self._model.set_places(self._own.follow(book, trades, self._orders, ticker, self._model.trades or ()))

    def _ticker(self, market: str) -> _Tap:
        ticker = self._tickers[market] = self._exchange.watch_ticker(market)

        def fold() -> None:
            found = ticker.replica.ticker
            if found is not None:
                self._note_state(found)
                self._model.set_ticker(found)

        return _Tap(ticker, fold, (Part.MARKETS,))

    def _note_refusal(self, tap: _Tap) -> None:
        """Note that the exchange does not give a channel; where the connection is closed, that is told elsewhere."""
        error = tap.subscription.error
        if error is not None and not tap.refused and self._exchange.state != "closed":
            tap.refused = True
            self._model.note(self._now_text(), Tone.BAD, f"no more news for {tap.parts[0]}: {texts.plain(str(error))}")

    def _note_state(self, ticker: Ticker) -> None:
        """Note that a market halted, went into an auction or opened since the terminal was opened."""
        before = self._model.tickers.get(ticker.market)
        if before is not None and before.state is not ticker.state:
            self._model.note(texts.clock(ticker.time), Tone.WARN, f"{ticker.market}: {state_text(ticker)}")

    def _fold_orders(self, replica: OrdersReplica) -> None:
        self._model.set_orders(replica.open, replica.sequence)
        ended = [order for order in replica.closed if order.sequence >= self._last_ended]
        self._last_ended = max((order.sequence for order in ended), default=self._last_ended)
        self._model.account.history.merge(ended)

    def _fold_fills(self, replica: FillsReplica) -> None:
        """Note the fills that came since the terminal was opened; the first snapshot is old news."""
        known, fills = self._last_fill, self._model.account.fills
        fresh = replica.after(known or 0)
        if known and len(fresh) == len(replica.fills):
            fills.lose()  # the replica begins after what was folded last: there may be others between
        self._last_fill = fresh[-1].id if fresh else known or 0
        if fresh:
            self._model.add_own_trades(fresh)
            fills.merge(fresh)
        if known is not None:
            for fill in fresh:
                self._note_fill(fill)

    def _note_fill(self, fill: Fill) -> None:
        terms = self._model.terms.get(fill.market)
        size = texts.split_zeros(texts.number(fill.size, terms.size_places if terms else 8))[0]
        price = texts.number(fill.price, terms.price_places if terms else 8)
        verb, base = ("bought" if fill.side is Side.BUY else "sold"), fill.market.partition("-")[0]
        text = f"{verb} {size} {base} at {price} ({fill.liquidity}, #{fill.order_id})"
        self._model.note(texts.clock(fill.time), Tone.GOOD, text)
        self._model.alerts.fills.append(text)
