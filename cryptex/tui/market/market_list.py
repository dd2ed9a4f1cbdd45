"""The list of markets: last price and 24 hour change."""

from typing import ClassVar, Final

from cryptex.protocol.terms import MarketState
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import Line, Span, message
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel, Terms

_NAME_WIDTH: Final = 9
_CHANGE_WIDTH: Final = 8
_VOLUME_FROM: Final = 44
"""Widths from which the volume of 24 hours is shown."""


class MarketList(Listing):
    """All markets; Enter or a click turns the screen to one."""

    TITLE = "Markets"
    PLACE: ClassVar = Place.MARKETS
    BINDINGS = [*keys.bindings(Place.MARKETS)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.MARKETS)
        self._model = model

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line a market."""
        markets = list(self._model.terms.values())
        if not markets:
            return [message("waiting for markets", width)]
        shown = self.keep([m.market for m in markets], height)
        volume = 12 if width >= _VOLUME_FROM else 0
        price = width - 2 - _NAME_WIDTH - 2 - _CHANGE_WIDTH - volume
        heading = f"  {'Market'.ljust(_NAME_WIDTH)}{'Last'.rjust(price)}{'24 h'.rjust(_CHANGE_WIDTH + 2)}"
        heading += "Volume".rjust(volume) if volume else ""
        rows = [self.marked(i, self._row(markets[i], price, volume), width) for i in shown]
        return [(Span(heading, Ink.FAINT),), *rows]

    def _row(self, terms: Terms, price: int, volume: int) -> Line:
        ticker = self._model.tickers.get(terms.market)
        last = ticker.last if ticker else None
        change = ticker.change_percent if ticker else None
        ink = Ink.MUTED if not change else Ink.BUY if change > 0 else Ink.SELL
        day = f" {texts.arrow(change)}{texts.signed_percent(change).rjust(_CHANGE_WIDTH)}"
        state = ticker.state if ticker else terms.state
        if state is not MarketState.OPEN:
            ink, day = Ink.ACCENT, state.value.rjust(_CHANGE_WIDTH + 2)
        chosen = terms.market == self._model.market
        line = (
            Span("▸ " if chosen else "  ", Ink.ACCENT),
            Span(terms.market[:_NAME_WIDTH].ljust(_NAME_WIDTH), Ink.BRIGHT if chosen else Ink.TEXT, bold=chosen),
            Span(texts.number(last, terms.price_places).rjust(price), Ink.BRIGHT if chosen else Ink.TEXT),
            Span(day, ink),
        )
        traded = texts.short(ticker.volume if ticker else None).rjust(volume) if volume else ""
        return (*line, Span(traded, Ink.MUTED))
