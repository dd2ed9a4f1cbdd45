"""The line at the top: market, last price and change; who trades; what the connection is."""

from typing import Final

from rich.cells import cell_len

from cryptex.protocol.terms import MarketState
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Drawn, Line, Span
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.model import Connection, Link, TerminalModel

_LINKS: Final = {
    Link.LIVE: ("●", Ink.GOOD),
    Link.CONNECTING: ("○", Ink.ACCENT),
    Link.RECONNECTING: ("◐", Ink.ACCENT),
    Link.STALE: ("◑", Ink.ACCENT),
    Link.OFFLINE: ("✗", Ink.BAD),
}


ABOUT_WIDTH: Final = 140
"""From this width on the badge of a simulated market says which scenario it is."""


class StatusBar(Drawn):
    """Always on top, never dimmed: the connection must be seen when the rest fades."""

    DEFAULT_CSS = "StatusBar { dock: top; height: 1; background: $raised; color: $foreground; }"

    def __init__(self, model: TerminalModel, *, simulated: str) -> None:
        super().__init__()
        self._model = model
        self._simulated = simulated
        self.connection = Connection(Link.CONNECTING)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw as much as there is room for; the connection comes first."""
        right = self._right(width)
        room = width - _cells(right) - 1
        left: Line = ()
        for group in self._left():
            if _cells(left) + _cells(group) > room:
                break
            left += group
        return [(*left, Span(" " * (width - _cells(left) - _cells(right))), *right)]

    def _left(self) -> list[Line]:
        """Return groups of spans, the most important first."""
        model = self._model
        groups: list[Line] = [(Span(" cryptex ", Ink.BADGE, Ground.ACCENT, bold=True), Span(" "))]
        terms = model.trading
        if terms is None:
            return groups
        ticker = model.tickers.get(model.market)
        places, direction = terms.price_places, model.direction
        ink = Ink.BUY if direction > 0 else Ink.SELL if direction < 0 else Ink.BRIGHT
        groups.append((Span(f" {terms.market} ", Ink.BRIGHT, bold=True),))
        if model.state is not MarketState.OPEN:
            groups.append((Span(f" {model.state.upper()} ", Ink.BADGE, Ground.ACCENT, bold=True),))
        groups.append((Span(f" {texts.arrow(direction)} {texts.number(model.last, places)} ", ink, bold=True),))
        if ticker is None:
            return groups
        change = ticker.change_percent
        ink = Ink.MUTED if not change else Ink.BUY if change > 0 else Ink.SELL
        groups.append((Span(f" {texts.signed_percent(change)} ", ink),))
        day = (("high", texts.number(ticker.high, places)), ("low", texts.number(ticker.low, places)))
        volume = (("vol", f"{texts.short(ticker.volume)} {terms.base}"),)
        for name, value in (*day, *volume):
            groups.append((Span(f"  {name} ", Ink.MUTED), Span(value)))
        return groups

    def _right(self, width: int) -> Line:
        connection = self.connection
        mark, ink = _LINKS[connection.link]
        text = f"{mark} {connection.link}"
        if connection.latency_ms is not None:
            text += f" {connection.latency_ms:.0f} ms"
        elif connection.age_s is not None and connection.is_stale:
            text += f" · {texts.age(connection.age_s)} old"
        user = texts.fitted(texts.plain(self._model.username), max(4, width // 8))
        about = f" {texts.plain(self._simulated)}" if width >= ABOUT_WIDTH else ""
        badge: Line = (Span(f" SIM{about} ", Ink.BADGE, Ground.INFO, bold=True),) if self._simulated else ()
        who = (Span(f"  {user}  ", Ink.MUTED),) if user else (Span("  "),)
        return (*badge, *who, Span(f"{text} ", ink, bold=True))


def _cells(line: Line) -> int:
    return sum(cell_len(span.text) for span in line)
