"""The panel of alerts: own fills first, then a row an alert, with the value now and when it last fired."""

from decimal import Decimal
from typing import Final

from textual.message import Message

from cryptex.client.alerts import FILL, Subject, reading
from cryptex.tui.alerts.book import Alert
from cryptex.tui.alerts.text import value_text
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import Line, Span, messages
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel

_MARK_WIDTH: Final = 2
_MARKET_WIDTH: Final = 10
_NOW_WIDTH: Final = 12
_FIRED_WIDTH: Final = 10
_FIRED_FROM: Final = 50
"""Width from which the time of the last firing is shown; below, its mark says that there was one."""


class AlertsTable(Listing):
    """Alerts of all markets, the newest last; the row of own fills is turned on and off."""

    class Asked(Message):
        """A row is to be changed, or deleted; `number` is its alert, or None for own fills."""

        def __init__(self, number: int | None, *, delete: bool) -> None:
            super().__init__()
            self.number = number
            self.delete = delete

    TITLE = "Alerts"
    PLACE = Place.ALERTS
    BINDINGS = [*keys.bindings(Place.ALERTS)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.ALERTS)
        self._model = model

    def action_change(self) -> None:
        """Ask for another rule in place of the chosen one, or turn own fills on or off."""
        self._ask(delete=False)

    def action_remove(self) -> None:
        """Delete the chosen alert, or turn own fills off."""
        self._ask(delete=True)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings, the row of own fills and one line an alert."""
        alerts = list(self._model.alerts)
        fired = _FIRED_WIDTH if width >= _FIRED_FROM else 0
        shown = self.keep([FILL, *(str(alert.number) for alert in alerts)], height)
        rows = [self._fills(), *(self._row(alert, width, fired) for alert in alerts)]
        lines = [_heading(width, fired), *(self.marked(i, rows[i], width) for i in shown)]
        none = f"no alerts: {self._model.cap_of('alerts.add')} sets one"
        return lines if alerts else [*lines, *messages(none, width)]

    def _ask(self, *, delete: bool) -> None:
        if self.selected is not None:
            number = None if self.selected == FILL else int(self.selected)
            self.post_message(self.Asked(number, delete=delete))

    def _fills(self) -> Line:
        on = self._model.alerts.on_fills
        return (
            Span("● " if on else "○ ", Ink.ACCENT if on else Ink.FAINT),
            Span("own fills".ljust(_MARKET_WIDTH), Ink.TEXT if on else Ink.MUTED),
            Span(" on" if on else " off", Ink.MUTED),
        )

    def _row(self, alert: Alert, width: int, fired: int) -> Line:
        model, rule = self._model, alert.rule
        ticker, terms = model.tickers.get(alert.market), model.terms.get(alert.market)
        now: Decimal | None = reading(ticker, rule.subject) if ticker else None
        if rule.subject is Subject.PRICE and alert.market == model.market:
            now = model.last
        room = max(0, width - _MARK_WIDTH - _MARKET_WIDTH - _NOW_WIDTH - fired)
        unknown = bool(model.terms) and terms is None
        return (
            Span("✓ " if alert.fired_at else "● ", Ink.BUY if alert.fired_at else Ink.ACCENT),
            Span(texts.fitted(texts.plain(alert.market), _MARKET_WIDTH - 1).ljust(_MARKET_WIDTH), Ink.MUTED),
            Span(texts.fitted(str(rule), room).ljust(room), Ink.BRIGHT),
            Span(("no market" if unknown else value_text(rule.subject, now, terms)).rjust(_NOW_WIDTH)),
            *((Span(alert.fired_at.rjust(fired), Ink.MUTED),) if fired else ()),
        )


def _heading(width: int, fired: int) -> Line:
    room = max(0, width - _MARK_WIDTH - _MARKET_WIDTH - _NOW_WIDTH - fired)
    text = f"{'':<{_MARK_WIDTH}}{'Market':<{_MARKET_WIDTH}}{'Alert when':<{room}}"[: width - _NOW_WIDTH - fired]
    return (Span(f"{text}{'Now'.rjust(_NOW_WIDTH)}{'Fired'.rjust(fired) if fired else ''}", Ink.FAINT),)
