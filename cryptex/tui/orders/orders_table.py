"""One's own open orders, those on their way, and the switches that cancel them when the terminal is gone."""

from collections.abc import Callable
from typing import ClassVar

from textual import events

from cryptex.client.models import Order
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import BLANK, Line, message, messages
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel
from cryptex.tui.orders.lines import CANCEL_WIDTH, guard_at, guards_line, heading, row_line
from cryptex.tui.orders.rows import Row, rows
from cryptex.tui.orders.safeguards import Guard

_DEEDS = {Guard.DISCONNECT: "screen.act('orders.on_disconnect')", Guard.DEAD_MAN: "screen.act('orders.dead_man')"}


class OrdersTable(Listing):
    """Open orders of all markets, newest first; those on their way before them."""

    TITLE = "Open orders"
    PLACE: ClassVar = Place.ORDERS
    BINDINGS = [*keys.bindings(Place.ORDERS)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.ORDERS)
        self._model = model
        self._rows: dict[str, Row] = {}
        self.caps: dict[Guard, str] = {}
        """The keys of the switches, as written."""
        self.nudge: Callable[[Row, int], None] = lambda _row, _ticks: None
        """Who moves an order by ticks."""

    @property
    def selected_row(self) -> Row | None:
        """The row under the cursor."""
        return None if self.selected is None else self._rows.get(self.selected)

    @property
    def selected_order(self) -> Order | None:
        """The order under the cursor, if the exchange has it."""
        row = self.selected_row
        return None if row is None else row.order

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw headings, a line an order, and the switches at the bottom."""
        orders = self._model.orders
        guards = guards_line(self._model.safeguards, self.caps, width)
        if orders is None:
            return [BLANK, message("waiting for orders", width)]
        self._rows = {row.key: row for row in rows(orders, self._model.working)}
        listed = list(self._rows.values())
        shown = self.keep(list(self._rows), height - 1)
        if not listed:
            cap_of = self._model.cap_of
            begin = f"{cap_of('ticket.buy')} buys, {cap_of('ticket.sell')} sells"
            drawn: list[Line] = [BLANK, *messages("no open orders", width), *messages(begin, width, Ink.FAINT)]
        else:
            terms = self._model.terms
            lines = (self.marked(i, row_line(listed[i], terms.get(listed[i].market), width), width) for i in shown)
            drawn = [heading(width), *lines]
        return [*drawn, *[BLANK] * (height - 1 - len(drawn)), guards]

    def action_nudge(self, ticks: int) -> None:
        """Move the chosen order by ticks."""
        if self.selected_row is not None:
            self.nudge(self.selected_row, ticks)

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the pointer; on its mark, cancel it; on a switch, turn it."""
        event.prevent_default()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == self.size.height - 1:
            guard = guard_at(guards_line(self._model.safeguards, self.caps, self.size.width), offset.x)
            if guard is not None:
                self.call_later(self.run_action, _DEEDS[guard])
            return
        super().on_click(event)
        on_row = self.HEADINGS <= offset.y < self.HEADINGS + len(self._rows)
        if on_row and offset.x >= self.size.width - CANCEL_WIDTH:
            self.call_later(self.run_action, "screen.act('orders.cancel')")
