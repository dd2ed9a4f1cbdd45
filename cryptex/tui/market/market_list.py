"""The list of markets: last price, the last minutes as a sparkline, and the change of 24 hours."""

from decimal import Decimal
from typing import ClassVar, Final, NamedTuple

from cryptex.protocol.terms import MarketState
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.sides import change_ink
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.market.waiting import waiting
from cryptex.tui.model import TerminalModel, Terms

_MARK: Final = 2
_NAME_MIN: Final = 9
_NAME_MAX: Final = 13
_PRICE_MIN: Final = 9
_CHANGE: Final = 9
_SPARK_MIN: Final = 4
_SPARK_MAX: Final = 16
_VOLUME: Final = 11


class Columns(NamedTuple):
    """Widths in cells; 0 leaves a column out. A name has a cell of space after it, a spark one before it."""

    name: int
    price: int
    spark: int
    volume: int


def columns_of(width: int, longest_name: int, longest_price: int) -> Columns:
    """Return the columns for a width: first the sparkline, then the volume; the rest widens the price."""
    name = min(max(_NAME_MIN, longest_name + 1), _NAME_MAX)
    price = max(_PRICE_MIN, longest_price)
    over = width - _MARK - name - price - _CHANGE
    spark = min(over - 1, _SPARK_MAX) if over > _SPARK_MIN else 0
    over -= spark + 1 if spark else 0
    volume = _VOLUME if over >= _VOLUME else 0
    return Columns(name, price + max(0, over - volume), spark, volume)


class MarketList(Listing):
    """All markets; Enter or a click turns the screen to one."""

    TITLE = "Markets"
    PLACE: ClassVar = Place.MARKETS
    BINDINGS = [*keys.bindings(Place.MARKETS)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.MARKETS)
        self._model = model
        self.by_change = False
        """Whether the greatest rise comes first; else markets stand as the node lists them."""

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line a market."""
        markets = self._sorted()
        if not markets:
            return waiting(self._model, "markets", width)
        shown = self.keep([m.market for m in markets], height)
        columns = columns_of(width, max(len(m.market) for m in markets), max(len(self._last(m)) for m in markets))
        return [self._heading(columns), *(self.marked(i, self._row(markets[i], columns), width) for i in shown)]

    def action_sort(self) -> None:
        """Sort by change, or as listed."""
        self.by_change = not self.by_change
        self.show(stale=self.stale)

    def _sorted(self) -> list[Terms]:
        markets = list(self._model.terms.values())
        return sorted(markets, key=self._change, reverse=True) if self.by_change else markets

    def _change(self, terms: Terms) -> Decimal:
        ticker = self._model.tickers.get(terms.market)
        return (ticker.change_percent if ticker else None) or Decimal(0)

    def _last(self, terms: Terms) -> str:
        ticker = self._model.tickers.get(terms.market)
        return texts.number(ticker.last if ticker else None, terms.price_places)

    def _heading(self, columns: Columns) -> Line:
        change = f"24 h {texts.DOWN}" if self.by_change else "24 h"
        minutes = f"{columns.spark} min"
        if len(minutes) > columns.spark:
            minutes = f"{columns.spark}m"
        spark = f" {minutes.ljust(columns.spark)}" if columns.spark else ""
        volume = "Volume".rjust(columns.volume) if columns.volume else ""
        text = f"{'':{_MARK}}{'Market'.ljust(columns.name)}{'Last'.rjust(columns.price)}"
        return (Span(f"{text}{spark}{change.rjust(_CHANGE)}{volume}", Ink.FAINT),)

    def _row(self, terms: Terms, columns: Columns) -> Line:
        ticker = self._model.tickers.get(terms.market)
        chosen = terms.market == self._model.market
        name = texts.fitted(terms.market, columns.name - 1).ljust(columns.name)
        lit = Ink.BRIGHT if chosen else Ink.TEXT
        volume = texts.short(ticker.volume if ticker else None).rjust(columns.volume) if columns.volume else ""
        return (
            Span("▸ " if chosen else "  ", Ink.ACCENT),
            Span(name, lit, bold=chosen),
            Span(self._last(terms).rjust(columns.price), lit),
            self._spark(terms, columns.spark),
            self._day(terms),
            Span(volume, Ink.MUTED),
        )

    def _spark(self, terms: Terms, width: int) -> Span:
        if not width:
            return Span("")
        text, move = self._model.watch.sparkline(terms.market, width)
        return Span(f" {text}", change_ink(move, Ink.MUTED))

    def _day(self, terms: Terms) -> Span:
        """Return the change of 24 hours, or the state of a market that is not open."""
        ticker = self._model.tickers.get(terms.market)
        state = ticker.state if ticker else terms.state
        if state is not MarketState.OPEN:
            return Span(state.value.rjust(_CHANGE), Ink.ACCENT)
        change = ticker.change_percent if ticker else None
        return Span(
            f"{texts.arrow(change)} {texts.signed_percent(change)}".rjust(_CHANGE), change_ink(change, Ink.MUTED)
        )
