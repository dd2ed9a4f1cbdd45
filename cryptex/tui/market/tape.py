"""The tape: public trades, newest first."""

from decimal import Decimal
from typing import ClassVar, Final

from cryptex.client.models import Trade
from cryptex.protocol.terms import Side
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import sides, texts
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import BLANK, Line, Span, messages, spread_over
from cryptex.tui.drawing.theme import Ground, Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.ladder.painter import OWN
from cryptex.tui.market.prints import Print, big_size, prints
from cryptex.tui.market.waiting import waiting
from cryptex.tui.model import TerminalModel, Terms

_TIME: Final = 8
_MARKS: Final = 4
_BARS: Final = {Side.BUY: Ground.BUY_BAR, Side.SELL: Ground.SELL_BAR}


class Tape(Listing):
    """Trades of the chosen market; the arrow is the taker's side: ▲ bought, ▼ sold.

    The bar behind a size is its share of the greatest on the tape, big trades are bold, ◆ marks one's own. While the
    tape has the focus it stands still and says how many trades came since; Enter takes a price to the ticket.
    """

    TITLE = "Tape"
    PLACE: ClassVar = Place.TAPE
    BINDINGS = [*keys.bindings(Place.TAPE)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.TAPE)
        self._model = model
        self._held: tuple[str, tuple[Trade, ...]] | None = None
        """The market and its trades as they were when the tape was stopped."""
        self._prints: dict[str, Print] = {}
        self._rows: dict[tuple[Print, bool, int, tuple[int, int]], Line] = {}
        self.together = False
        """Whether trades that one order made at one price are one row."""

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line a trade."""
        terms, trades = self._model.trading, self._shown()
        if terms is None or trades is None:
            return [BLANK, *waiting(self._model, "trades", width)]
        own = self._model.watch.own_trades(terms.market)
        seen = height if self._held is None else len(trades)
        rows = prints(trades, own, together=self.together, rows_max=seen)
        self._prints = {str(row.trade_id): row for row in rows}
        shown = self.keep(list(self._prints), height)
        columns = _columns(width)
        lines = self._drawn_rows([rows[i] for i in shown], trades, terms, columns)
        drawn = [self.marked(i, line, width) for i, line in zip(shown, lines, strict=True)]
        return [self._heading(trades, columns), *(drawn or _nothing(width))]

    def action_join(self) -> None:
        """Show trades that one order made at one price as one row, or each by itself."""
        self.together = not self.together
        self.show(stale=self.stale)

    def action_pick(self) -> None:
        """Offer the price under the cursor to the ticket, on the side of the orders that rested there."""
        row = self._prints.get(self.selected or "")
        if row is not None:
            self.post_message(Ladder.Picked(row.price, Side.SELL if row.side is Side.BUY else Side.BUY))

    def action_roll(self, rows: int) -> None:
        """Move what is shown by rows; what moves by itself is stopped for that."""
        self.focus()
        super().action_roll(rows)

    def on_focus(self) -> None:
        """Stop."""
        self._held = (self._model.market, self._model.trades or ())
        super().on_focus()

    def on_blur(self) -> None:
        """Go on, from the newest trade."""
        self._held = None
        self.rewind()
        super().on_blur()

    def _shown(self) -> tuple[Trade, ...] | None:
        """Return the trades as they are, or as they were when the tape was stopped."""
        trades = self._model.trades
        if self._held is None or trades is None:
            return trades
        market, held = self._held
        if market != self._model.market or not held:
            self._held = (self._model.market, trades)
            return trades
        return held

    def _drawn_rows(
        self, rows: list[Print], trades: tuple[Trade, ...], terms: Terms, columns: tuple[int, int]
    ) -> list[Line]:
        """Draw rows. Those that only moved down are as they were."""
        sizes = [trade.size for trade in trades]
        big, greatest = big_size(sizes), max(sizes, default=Decimal(0))
        before, self._rows = self._rows, {}
        for row in rows:
            bar = min(columns[1], int(row.size * columns[1] / greatest)) if greatest else 0
            key = (row, big is not None and row.size >= big, bar, columns)
            self._rows[key] = before.get(key) or _row(row, terms, columns, bold=key[1], bar=bar)
        return list(self._rows.values())

    def _heading(self, shown: tuple[Trade, ...], columns: tuple[int, int]) -> Line:
        price, size = columns
        if self._held is None or not shown:
            titles = f"{'UTC':<{_TIME}}{'':<{_MARKS}}{'Price'.rjust(price)}{'Size'.rjust(size)}"
            return (Span(titles, Ink.FAINT),)
        newer = sum(1 for trade in self._model.trades or () if trade.id > shown[0].id)
        leave = f"{self._model.cap_of('focus.leave')} goes on"
        text = f"stopped, {newer} new; {leave}" if newer else f"stopped; {leave}"
        return (Span(texts.fitted(text, _TIME + _MARKS + price + size), Ink.ACCENT),)


def _nothing(width: int) -> list[Line]:
    begin = "an order that meets another makes one"
    return [BLANK, *messages("no trades yet", width), *messages(begin, width, Ink.FAINT)]


def _columns(width: int) -> tuple[int, int]:
    """Return the widths of price and size."""
    room = max(0, width - _TIME - _MARKS)
    price = room * 52 // 100
    return price, room - price


def _row(row: Print, terms: Terms, columns: tuple[int, int], *, bold: bool, bar: int) -> Line:
    price, size = columns
    told, zeros = texts.split_zeros(texts.number(row.size, terms.size_places))
    count = f"{row.trades}x " if row.trades > 1 else ""
    line = (
        Span(texts.clock(row.time), Ink.MUTED),
        Span(f" {OWN if row.own else ' '}", Ink.ACCENT),
        Span(f"{sides.ARROWS[row.side]} ", sides.INKS[row.side]),
        Span(texts.number(row.price, terms.price_places).rjust(price), sides.INKS[row.side], bold=bold),
        Span((count + told).rjust(size - len(zeros)), Ink.BRIGHT if bold else Ink.TEXT, bold=bold),
        Span(zeros, Ink.FAINT),
    )
    width = _TIME + _MARKS + price + size
    return spread_over(line, width, (width - bar, width), _BARS[row.side])
