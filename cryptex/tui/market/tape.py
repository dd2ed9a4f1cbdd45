"""The tape: public trades, newest first."""

from typing import Final

from cryptex.client.models import Trade
from cryptex.protocol.terms import Side
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Panel, Span, message
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TerminalModel, Terms

_TIME_WIDTH: Final = 8


class Tape(Panel):
    """Trades of the chosen market; the arrow is the taker's side: ▲ bought, ▼ sold."""

    TITLE = "Tape"

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.TAPE)
        self._model = model

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line a trade."""
        terms, trades = self._model.trading, self._model.trades
        if terms is None or trades is None:
            return [BLANK, message("waiting for trades", width)]
        room = width - _TIME_WIDTH - 3
        price = room * 54 // 100
        size = room - price
        heading = f"{'UTC':<{_TIME_WIDTH}}   {'Price'.rjust(price)}{'Size'.rjust(size)}"
        rows = [_row(trade, terms, price, size) for trade in trades[: max(0, height - 1)]]
        return [(Span(heading, Ink.FAINT),), *(rows or [BLANK, message("no trades yet", width)])]


def _row(trade: Trade, terms: Terms, price: int, size: int) -> Line:
    bought = trade.side is Side.BUY
    told, zeros = texts.split_zeros(texts.number(trade.size, terms.size_places))
    return (
        Span(texts.clock(trade.time), Ink.MUTED),
        Span(f"  {texts.UP if bought else texts.DOWN}", Ink.BUY if bought else Ink.SELL),
        Span(texts.number(trade.price, terms.price_places).rjust(price), Ink.BUY if bought else Ink.SELL),
        Span(told.rjust(size - len(zeros))),
        Span(zeros, Ink.FAINT),
    )
