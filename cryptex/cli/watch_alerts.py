"""`watch --alert`: says when a rule about a market, or an own fill, comes true; without a screen, for scripts too."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cryptex.cli.common import Run
from cryptex.cli.faults import Fault
from cryptex.cli.live import EventsWatch, watch
from cryptex.cli.sheets import sheet_of
from cryptex.client.alerts import (
    ALERTS_MAX,
    FILL,
    UNDERSTOOD,
    Alarm,
    Condition,
    Rule,
    RuleFlaw,
    Subject,
    parse_rule,
    reading,
)
from cryptex.client.exchange import Exchange
from cryptex.client.models import Fill, Ticker, Trade
from cryptex.client.text import moment_text
from cryptex.protocol.market import market_symbol

_FILLS_MISSED: Final = "Fills may have been missed while out of touch; `cryptex fills` has them."


class AlertView(msgspec.Struct, frozen=True):
    """An alert that fired: the rule, the value that made it true (of a fill its price), and when."""

    market: str
    alert: str
    value: str
    time: str
    order_id: int | None = None
    side: str | None = None
    size: str | None = None


def watch_alerts(run: Run, market: str, texts: Sequence[str], *, once: bool) -> None:
    """Follow a market, and say when one of these rules comes true; `once` ends at the first."""
    rules = _rules(texts)
    private = any(not isinstance(rule, Condition) for rule in rules)
    watch(run, lambda exchange: AlertsWatch(exchange, market, rules, once=once), private=private)


class AlertsWatch(EventsWatch):
    """A row each time an alert fires.

    A price is that of each trade, not only of the last one at a look. What happened while out of touch does not fire,
    except for fills: they are one's own, and are told late rather than never.
    """

    sheet = sheet_of(AlertView)
    away = "The connection is lost; reconnecting. No alert fires until the data is live again."

    def __init__(self, exchange: Exchange, market: str, rules: Sequence[Rule], *, once: bool) -> None:
        self._market = market_symbol(market)
        self._rules = rules
        self._once = once
        self._fired = 0
        alarms = [Alarm(rule) for rule in rules if isinstance(rule, Condition)]
        self._on_price = [each for each in alarms if each.condition.subject is Subject.PRICE]
        self._on_ticker = [each for each in alarms if each.condition.subject is not Subject.PRICE]
        self._ticker = exchange.watch_ticker(market)
        self._trades = exchange.watch_trades(market) if self._on_price else None
        self._fills = exchange.watch_fills() if len(alarms) < len(rules) else None
        super().__init__([each for each in (self._ticker, self._trades, self._fills) if each is not None])
        self._last_trade: int | None = None
        self._last_fill: int | None = None

    @property
    def done(self) -> bool:
        """Whether the one alert that was waited for has fired."""
        return self._once and self._fired > 0

    def greeting(self) -> str:
        """Say what is watched, and where the market stands."""
        ticker = self._ticker.replica.ticker
        last = "no trades yet" if ticker is None or ticker.last is None else f"last {ticker.last:f}"
        return f"Watching {self._market} ({last}) for: {'; '.join(map(str, self._rules))}"

    def changes(self) -> list[msgspec.Struct]:
        """Return the alerts that fire now."""
        fired = [*self._by_trades(), *self._by_ticker(), *self._by_fills()]
        if self._once:
            fired = fired[:1]
        self._fired += len(fired)
        return list(fired)

    def line(self, event: msgspec.Struct) -> str:
        """Return an alert as a line of text."""
        if not isinstance(event, AlertView):
            raise TypeError(event)
        told = f"{event.time}  {event.market}  {event.alert}: "
        if event.order_id is None:
            return told + event.value
        return f"{told}{event.side} {event.size} at {event.value}, order {event.order_id}"

    def missed(self) -> str:
        """Return a word where the fills go on after a gap."""
        fills = self._fills.replica.fills if self._fills else None
        return _FILLS_MISSED if self._last_fill and fills and fills[0].id > self._last_fill else ""

    def _by_trades(self) -> Iterator[AlertView]:
        if self._trades is None or not self._trades.replica.trades:
            return
        newest = self._trades.replica.trades[-1]
        fresh = (
            [newest] if self._last_trade is None or self.interrupted else self._trades.replica.after(self._last_trade)
        )
        self._last_trade = newest.id
        for trade in fresh:
            yield from (self._of_trade(each, trade) for each in self._on_price if each.see(trade.price))

    def _by_ticker(self) -> Iterator[AlertView]:
        ticker = self._ticker.replica.ticker
        if ticker is None:
            return
        for each in self._on_ticker:
            if each.see(reading(ticker, each.condition.subject)):
                yield self._of_ticker(each, ticker)

    def _by_fills(self) -> Iterator[AlertView]:
        if self._fills is None:
            return
        replica = self._fills.replica
        fresh = [] if self._last_fill is None else replica.after(self._last_fill)
        self._last_fill = replica.fills[-1].id if replica.fills else self._last_fill or 0
        yield from (_of_fill(fill) for fill in fresh if fill.market == self._market)

    def _of_trade(self, alarm: Alarm, trade: Trade) -> AlertView:
        return AlertView(self._market, str(alarm.condition), f"{trade.price:f}", moment_text(trade.time))

    def _of_ticker(self, alarm: Alarm, ticker: Ticker) -> AlertView:
        value = reading(ticker, alarm.condition.subject)
        return AlertView(self._market, str(alarm.condition), f"{value:f}", moment_text(ticker.time))


def _of_fill(fill: Fill) -> AlertView:
    time = moment_text(fill.time)
    return AlertView(fill.market, FILL, f"{fill.price:f}", time, fill.order_id, fill.side.value, f"{fill.size:f}")


def _rules(texts: Sequence[str]) -> list[Rule]:
    """Return the rules that were given, each once. Raises Fault."""
    if len(texts) > ALERTS_MAX:
        raise Fault(f"there are {len(texts)} alerts, and {ALERTS_MAX} are watched at most")
    rules: dict[Rule, None] = {}
    for text in texts:
        try:
            rules[parse_rule(text)] = None
        except RuleFlaw as flaw:
            told = f"the alert {text!r} is not understood: {flaw}"
            raise Fault(told, suggestion=f"Understood: {UNDERSTOOD}.") from None
    return list(rules)
