"""One's own open orders."""

from typing import ClassVar, Final

from cryptex.client.models import Order
from cryptex.protocol.terms import OrderStatus, OrderType, Side
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import BLANK, Line, Span, message
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel, Terms

_FULL_FROM: Final = 76
"""Width from which every column is shown."""
_TYPES: Final = {
    OrderType.LIMIT: "limit",
    OrderType.MARKET: "market",
    OrderType.STOP: "stop",
    OrderType.STOP_LIMIT: "stop limit",
}


class OrdersTable(Listing):
    """Open orders of all markets, newest first."""

    TITLE = "Open orders"
    PLACE: ClassVar = Place.ORDERS
    BINDINGS = [*keys.bindings(Place.ORDERS)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.ORDERS)
        self._model = model

    @property
    def selected_id(self) -> int | None:
        """Id of the order under the cursor."""
        return None if self.selected is None else int(self.selected)

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings and one line an order."""
        orders = self._model.orders
        if orders is None:
            return [BLANK, message("waiting for orders", width)]
        shown = self.keep([str(order.id) for order in orders], height)
        if not orders:
            cap_of = self._model.cap_of
            begin = f"{cap_of('ticket.buy')} buys, {cap_of('ticket.sell')} sells"
            return [BLANK, message("no open orders", width), message(begin, width, Ink.FAINT)]
        row = self._full if width >= _FULL_FROM else self._brief
        heading = _full_heading(width) if width >= _FULL_FROM else _brief_heading(width)
        return [heading, *(self.marked(i, row(orders[i], width), width) for i in shown)]

    def _status(self, order: Order) -> tuple[str, Ink]:
        if order.id in self._model.canceling:
            return "canceling", Ink.ACCENT
        return "partial" if order.status is OrderStatus.PARTIALLY_FILLED else order.status.value, Ink.MUTED

    def _numbers(self, order: Order) -> tuple[str, str, str]:
        """Return price, size and filled share as text."""
        terms = self._model.terms.get(order.market)
        price = order.price if order.price is not None else order.stop_price
        shown = texts.number(price, _places(terms, price=True)) if price is not None else "market"
        size = order.size if order.size is not None else order.quote_size
        filled = int(order.filled * 100 / order.size) if order.size else 0
        done = "stop" if order.status is OrderStatus.PENDING else f"{filled}%"
        return shown, texts.number(size, _places(terms, price=False)), done

    def _full(self, order: Order, width: int) -> Line:
        price, size, filled = self._numbers(order)
        status, ink = self._status(order)
        extra = _extra(width)
        stop = ""
        if order.stop_price is not None:
            price = "market" if order.price is None and extra else price
            stop = texts.number(order.stop_price, _places(self._model.terms.get(order.market), price=True))
        return (
            Span(f"{order.id:>6} ", Ink.MUTED),
            Span(f"{order.market:<10}"),
            _side(order, 7),
            Span(f"{_TYPES[order.type]:<11}", Ink.MUTED),
            Span(price.rjust(12 + extra), Ink.BRIGHT),
            *((Span(stop.rjust(13), Ink.MUTED),) if extra > 1 else ()),
            *_zeros(size, 12 + extra),
            Span(filled.rjust(9)),
            Span(f"  {_flags(order):<9}" if extra > 1 else "", Ink.MUTED),
            Span(f"  {status}", ink),
        )

    def _brief(self, order: Order, width: int) -> Line:
        price, size, filled = self._numbers(order)
        status, ink = self._status(order)
        room = width - 6 - 5
        return (
            _side(order, 6),
            Span(price.rjust(room * 50 // 100), Ink.BRIGHT),
            *_zeros(size, room - room * 50 // 100),
            Span("cancel" if status == "canceling" else filled.rjust(5), ink if status == "canceling" else Ink.TEXT),
        )


def _extra(width: int) -> int:
    return 4 if width >= 110 else 0


def _full_heading(width: int) -> Line:
    extra = _extra(width)
    text = f"{'Id':>6} {'Market':<10}{'Side':<7}{'Type':<11}{'Price'.rjust(12 + extra)}"
    text += f"{'Stop'.rjust(13)}" if extra else ""
    text += f"{'Size'.rjust(12 + extra)}{'Filled':>9}"
    text += f"  {'Force':<9}" if extra else ""
    return (Span(f"{text}  Status", Ink.FAINT),)


def _brief_heading(width: int) -> Line:
    room = width - 6 - 5
    price = room * 50 // 100
    return (Span(f"{'Side':<6}{'Price'.rjust(price)}{'Size'.rjust(room - price)}{'Done':>5}", Ink.FAINT),)


def _side(order: Order, width: int) -> Span:
    bought = order.side is Side.BUY
    text = f"{texts.UP if bought else texts.DOWN} {order.side.value}"
    return Span(text.ljust(width), Ink.BUY if bought else Ink.SELL)


def _flags(order: Order) -> str:
    return f"{order.time_in_force.value}{' post' if order.post_only else ''}"


def _zeros(number: str, width: int) -> tuple[Span, Span]:
    told, zeros = texts.split_zeros(number)
    return Span(told.rjust(width - len(zeros))), Span(zeros, Ink.FAINT)


def _places(terms: Terms | None, *, price: bool) -> int:
    if terms is None:
        return 8
    return terms.price_places if price else terms.size_places
