"""Subscriptions and the model they fold into. The only place that reads the SDK's replicas."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from cryptex.client.book_replica import BookReplica
from cryptex.client.errors import CryptexError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Fill, Ticker
from cryptex.client.replica import FillsReplica, OrdersReplica
from cryptex.client.subscription import Subscription
from cryptex.protocol.terms import Interval, Side
from cryptex.tui.chart.source import ChartSource
from cryptex.tui.drawing import texts
from cryptex.tui.market.spark import MINUTES_MAX
from cryptex.tui.market.state import state_text
from cryptex.tui.model import TAPE_MAX, TerminalModel, Tone

LADDER_DEPTH: Final = 25
"""Levels a side that the ladder follows; one of the depths that the node offers."""
RECALLED_MAX: Final = 24
"""Markets whose last hour is asked for at the start."""


@dataclass(slots=True)
class _Tap:
    """A subscription, what it does to the model, and the last version folded."""

    subscription: Subscription[Any]
    fold: Callable[[], None]
    version: int = -1


class Sources:
    """Follows the account, all tickers and one market; `fold` brings the model up to date, once a frame."""

    def __init__(self, exchange: Exchange, model: TerminalModel) -> None:
        self._exchange = exchange
        self._model = model
        self._lasting: list[_Tap] = []
        self._market: list[_Tap] = []
        self._last_fill: int | None = None
        self.chart = ChartSource(exchange, model.chart)

    @property
    def book_live(self) -> bool:
        """Whether the book on the screen is in sequence."""
        return bool(self._market) and self._market[0].subscription.live

    def open(self, markets: Iterable[str]) -> None:
        """Follow the account and the tickers of the markets."""
        orders = self._exchange.watch_orders()
        wallet = self._exchange.watch_wallet()
        fills = self._exchange.watch_fills()
        self._lasting = [
            _Tap(orders, lambda: self._fold_orders(orders.replica)),
            _Tap(wallet, lambda: self._model.set_balances(wallet.replica.balances.values())),
            _Tap(fills, lambda: self._fold_fills(fills.replica)),
            *(self._ticker(market) for market in markets),
        ]

    async def turn(self, market: str) -> None:
        """Follow another market's book and trades; the old ones are closed after, so that turns may overlap."""
        self.chart.turn(market)
        old, self._market = self._market, []
        book = self._exchange.watch_book(market, LADDER_DEPTH)
        trades = self._exchange.watch_trades(market)
        self._market = [
            _Tap(book, lambda: self._fold_book(book.replica)),
            _Tap(trades, lambda: self._model.set_trades(islice(reversed(trades.replica.trades), TAPE_MAX))),
        ]
        for tap in old:
            await tap.subscription.close()

    def _fold_book(self, replica: BookReplica) -> None:
        self._model.set_book(replica.bids, replica.asks)
        self._model.chart.hear(replica.time)

    async def recall(self) -> None:
        """Ask for the last hour of the first markets: sparklines begin with it. Where there is no answer they grow."""
        for market in list(self._model.terms)[:RECALLED_MAX]:
            with suppress(CryptexError):
                page = await self._exchange.candles(market, Interval.M1, limit=MINUTES_MAX)
                self._model.recall_minutes(market, page)

    def fold(self) -> None:
        """Fold in what changed since the last frame."""
        for tap in (*self._market, *self._lasting):
            subscription = tap.subscription
            if tap.version == subscription.version:
                continue
            tap.version = subscription.version
            if subscription.last_change_monotonic:
                self._model.heard(subscription.last_change_monotonic)
                if tap in self._market:
                    self._model.watch.ticked(subscription.last_change_monotonic)
            if subscription.live:
                tap.fold()
        self.chart.fold()

    async def close(self) -> None:
        """End all subscriptions."""
        await self.chart.close()
        for tap in (*self._market, *self._lasting):
            await tap.subscription.close()
        self._market, self._lasting = [], []

    def _ticker(self, market: str) -> _Tap:
        ticker = self._exchange.watch_ticker(market)

        def fold() -> None:
            found = ticker.replica.ticker
            if found is not None:
                self._note_state(found)
                self._model.set_ticker(found)

        return _Tap(ticker, fold)

    def _note_state(self, ticker: Ticker) -> None:
        """Note that a market halted, went into an auction or opened since the terminal was opened."""
        before = self._model.tickers.get(ticker.market)
        if before is not None and before.state is not ticker.state:
            self._model.note(texts.clock(ticker.time), Tone.WARN, f"{ticker.market}: {state_text(ticker)}")

    def _fold_orders(self, replica: OrdersReplica) -> None:
        self._model.set_orders(replica.open)
        self._model.account.history.merge(replica.closed)

    def _fold_fills(self, replica: FillsReplica) -> None:
        """Note the fills that came since the terminal was opened; the first snapshot is old news."""
        self._model.set_own_trades(replica.fills)
        newest = replica.fills[-1].id if replica.fills else 0
        self._model.account.fills.merge(replica.after(self._last_fill or 0))
        if self._last_fill is not None:
            for fill in replica.after(self._last_fill):
                self._note_fill(fill)
        self._last_fill = max(newest, self._last_fill or 0)

    def _note_fill(self, fill: Fill) -> None:
        terms = self._model.terms.get(fill.market)
        size = texts.split_zeros(texts.number(fill.size, terms.size_places if terms else 8))[0]
        price = texts.number(fill.price, terms.price_places if terms else 8)
        verb, base = ("bought" if fill.side is Side.BUY else "sold"), fill.market.partition("-")[0]
        text = f"{verb} {size} {base} at {price} ({fill.liquidity}, #{fill.order_id})"
        self._model.note(texts.clock(fill.time), Tone.GOOD, text)
        self._model.alerts.fills.append(text)
