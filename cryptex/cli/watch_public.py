"""Following what everybody may see: tickers, a book, trades and candles."""

from typing import Final

import msgspec

from cryptex.cli.common import Run
from cryptex.cli.live import ROWS_DEFAULT, Watch, view_of, watch
from cryptex.cli.market_tables import (
    BOOK_SHEET,
    CANDLES_SHEET,
    TICKER_SHEET,
    TRADES_SHEET,
    book_table,
    candles_table,
    tickers_table,
    trades_table,
)
from cryptex.cli.output import Output
from cryptex.client.book_replica import BookReplica
from cryptex.client.models import Level
from cryptex.client.replica import CandlesReplica, TickerReplica, TradesReplica
from cryptex.client.subscription import Subscription
from cryptex.client.text import moment_text
from cryptex.protocol.channels import book_checksum
from cryptex.protocol.requests import BOOK_DEPTHS
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import BookView, CandleView, LevelView, MarketList, TickerView, TradeView

_TRADES_KEPT_BY_NODE: Final = "Trades may have been missed while out of touch; `cryptex trades` has them."


def watch_tickers(run: Run, market: str | None) -> None:
    """Follow one market's ticker, or all."""
    names = [market] if market else [each.market for each in run.door().read("/markets", MarketList).view.markets]
    watch(run, lambda exchange: TickersWatch(run.out, [exchange.watch_ticker(name) for name in names]))


def watch_book(run: Run, market: str, depth: int) -> None:
    """Follow the best levels of a book."""
    covering = next(each for each in BOOK_DEPTHS if each >= depth)
    watch(run, lambda exchange: BookWatch(run.out, exchange.watch_book(market, covering), depth))


def watch_trades(run: Run, market: str, limit: int | None) -> None:
    """Follow a market's trades, beginning with the newest `limit`."""
    watch(run, lambda exchange: TradesWatch(run.out, exchange.watch_trades(market), limit or ROWS_DEFAULT))


def watch_candles(run: Run, market: str, interval: Interval, limit: int | None) -> None:
    """Follow a market's candles, beginning with the newest `limit`."""
    watch(run, lambda exchange: CandlesWatch(run.out, exchange.watch_candles(market, interval), limit or ROWS_DEFAULT))


class TickersWatch(Watch):
    """A row each time a ticker changed."""

    sheet = TICKER_SHEET

    def __init__(self, out: Output, subscriptions: list[Subscription[TickerReplica]]) -> None:
        super().__init__(subscriptions)
        self._out = out
        self._replicas = [each.replica for each in subscriptions]
        self._told: dict[str, TickerView] = {}

    def changes(self) -> list[msgspec.Struct]:
        """Return the tickers that changed."""
        changed: list[msgspec.Struct] = []
        for ticker in self._tickers():
            if self._told.get(ticker.market) != ticker:
                self._told[ticker.market] = ticker
                changed.append(ticker)
        return changed

    def draw(self) -> str:
        """Return all tickers."""
        return tickers_table(self._out, self._tickers())

    def _tickers(self) -> list[TickerView]:
        return [view_of(each.ticker, TickerView) for each in self._replicas if each.ticker is not None]


class BookWatch(Watch):
    """The whole book, each time it changed."""

    sheet = BOOK_SHEET

    def __init__(self, out: Output, subscription: Subscription[BookReplica], depth: int) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._depth = depth
        self._told: BookView | None = None

    def changes(self) -> list[msgspec.Struct]:
        """Return the book."""
        book = self._book()
        if book == self._told:
            return []
        self._told = book
        return [book]

    def draw(self) -> str:
        """Return the book as it is drawn without --watch."""
        return book_table(self._out, self._book())

    def _book(self) -> BookView:
        replica = self._replica
        bids, asks = _texts(replica.bids[: self._depth]), _texts(replica.asks[: self._depth])
        time = "" if replica.time is None else moment_text(replica.time)
        checksum = book_checksum(bids, asks)
        return BookView(replica.market, replica.epoch, replica.sequence, time, bids, asks, checksum)


class TradesWatch(Watch):
    """A row a trade."""

    sheet = TRADES_SHEET._replace(name="")

    def __init__(self, out: Output, subscription: Subscription[TradesReplica], limit: int) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._limit = limit
        self._last: int | None = None

    def changes(self) -> list[msgspec.Struct]:
        """Return the new trades; at first the newest `limit`."""
        trades = list(self._replica.trades)[-self._limit :] if self._last is None else self._replica.after(self._last)
        self._last = trades[-1].id if trades else self._last or 0
        return [view_of(each, TradeView) for each in trades]

    def draw(self) -> str:
        """Return the newest trades, newest first."""
        newest = list(self._replica.trades)[-self._limit :]
        return trades_table(self._out, [view_of(each, TradeView) for each in reversed(newest)])

    def missed(self) -> str:
        """Return a word where the trades go on after a gap."""
        trades = self._replica.trades
        return _TRADES_KEPT_BY_NODE if self._last and trades and trades[0].id > self._last else ""


class CandlesWatch(Watch):
    """A row each time a candle changed."""

    sheet = CANDLES_SHEET._replace(name="")

    def __init__(self, out: Output, subscription: Subscription[CandlesReplica], limit: int) -> None:
        super().__init__([subscription])
        self._out = out
        self._replica = subscription.replica
        self._limit = limit
        self._told: dict[str, CandleView] = {}

    def changes(self) -> list[msgspec.Struct]:
        """Return the candles that changed; at first the newest `limit`."""
        newest = self._newest()
        changed: list[msgspec.Struct] = [each for each in newest if self._told.get(each.time) != each]
        self._told = {each.time: each for each in newest}
        return changed

    def draw(self) -> str:
        """Return the newest candles, newest first."""
        return candles_table(self._out, self._newest()[::-1])

    def _newest(self) -> list[CandleView]:
        return [view_of(each, CandleView) for each in self._replica.candles[-self._limit :]]


def _texts(levels: list[Level]) -> list[LevelView]:
    return [(format(price, "f"), format(size, "f")) for price, size in levels]
