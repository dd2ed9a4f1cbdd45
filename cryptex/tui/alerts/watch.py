"""Which alerts come true, frame by frame. Pure: reads the model, and is told whether it is live.

A price is that of each trade of the chosen market, and the last one of the others. What happened while the screen was
not live does not fire; once it is live again, what is true then does.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from cryptex.client.alerts import Subject, reading
from cryptex.client.models import Ticker, Trade
from cryptex.tui.alerts.book import Alert
from cryptex.tui.model import TerminalModel


class Fired(NamedTuple):
    """An alert that came true by a value."""

    alert: Alert
    value: Decimal


class AlertWatch:
    """Looks at what changed since the last look."""

    def __init__(self, model: TerminalModel) -> None:
        self._model = model
        self._tickers: dict[str, Ticker] = {}
        """As of the last look."""
        self._trades: tuple[Trade, ...] | None = None
        self._last_trade: tuple[str, int] | None = None
        """Market and id of the last trade that was looked at; None after a gap."""

    def look(self, *, live: bool, time: str) -> list[Fired]:
        """Return what fires now; nothing does while the model is not live."""
        if not live:
            self._last_trade = None
            return []
        model, book = self._model, self._model.alerts
        fresh = self._fresh_trades()
        looked = [(alert, value) for alert in book for value in self._values(alert, fresh) if value is not None]
        fired = [Fired(alert, value) for alert, value in looked if book.see(alert, value, time)]
        self._tickers = dict(model.tickers)
        return fired

    def _values(self, alert: Alert, fresh: list[Decimal]) -> Iterable[Decimal | None]:
        model, subject = self._model, alert.rule.subject
        if subject is Subject.PRICE and alert.market == model.market and model.trades:
            return fresh or ([] if alert.alarm.seen else [model.trades[0].price])
        ticker = model.tickers.get(alert.market)
        if ticker is None or (alert.alarm.seen and ticker is self._tickers.get(alert.market)):
            return []
        return [reading(ticker, subject)]

    def _fresh_trades(self) -> list[Decimal]:
        """Return the prices of the trades since the last look, oldest first; after a gap the newest alone."""
        model = self._model
        if not model.trades or (model.trades is self._trades and self._last_trade is not None):
            return []
        last, newest = self._last_trade, model.trades[0]
        self._trades, self._last_trade = model.trades, (model.market, newest.id)
        if last is None or last[0] != model.market:
            return [newest.price]
        return [trade.price for trade in reversed(model.trades) if trade.id > last[1]]
