"""The order ticket under the hands of a user: what keys, mouse and other panels do with its form."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.widgets import Input

from cryptex.client.models import Order
from cryptex.protocol.terms import Side
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.drawing.number_field import NumberField
from cryptex.tui.drawing.toggle import Toggle
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.orders.working import Wanted
from cryptex.tui.ticket import amending, presets, sizing, turns
from cryptex.tui.ticket.caution import Caution
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import Form
from cryptex.tui.ticket.form_view import FormView
from cryptex.tui.ticket.parts import SendButton, Tag

Cautions = tuple[Caution, ...]


class Ticket(FormView):
    """Builds one order, or amends one. `submit` checks it and hands it to `send` or `send_change`."""

    PLACE: ClassVar = Place.TICKET
    BINDINGS = [*keys.bindings(Place.TICKET)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(model)
        self._kept = Form()
        """What was typed for a new order, while another is amended."""
        self._awaited: Order | None = None
        """To be amended when its market is on the screen."""
        self.send: Callable[[Draft, Cautions], None] = lambda _draft, _cautions: None
        """Who sends an order that was checked."""
        self.send_change: Callable[[Order, Wanted, Cautions], None] = lambda _order, _wanted, _cautions: None
        """Who sends an amendment that was checked."""
        self.ask_expiry: Callable[[], None] = lambda: None
        """Who asks until when an order lives."""

    def change(self, turn: Callable[[Form], Form]) -> None:
        """Show what a key makes of the form."""
        self.take(turn(self._read()))

    def fill(self, price: Decimal, side: Side) -> None:
        """Take a level of the ladder: its price, and the side that would trade against what rests there."""
        terms = self._model.trading
        if terms is not None:
            self.take(turns.picked(self._read(), f"{price:.{terms.price_places}f}", side))

    def turn(self, side: Side) -> None:
        """Take a side."""
        self.leave_amending()
        self.take(replace(self._read(), side=side))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Digits belong to the number field that has the focus; outside one they begin the size."""
        if action == "begin_size":
            return not isinstance(self.screen.focused, NumberField)
        return super().check_action(action, parameters)

    def action_begin_size(self, key: str) -> None:
        """Go to the size and type there, in place of what stands in it."""
        field = self.fields.field("size")
        field.begin("." if key == "full_stop" else key)
        self.screen.set_focus(field)

    def focus_field(self) -> None:
        """Put the cursor into the first field that still needs a number."""
        wanted = [name for name in self.form.field_names if not self.fields.field(name).value]
        self._focus(wanted[0] if wanted else "size")

    def focus_first(self) -> None:
        """Put the cursor into the first field, its number selected: the same keys always mean the same order."""
        self._focus(self.form.field_names[0])

    def pick_spot(self) -> None:
        """Take the next of the market's prices: the best of one's own side, the middle, the other side's, the last."""
        terms, form = self._model.trading, self._read()
        if terms is None or "price" not in form.field_names:
            return
        if self._model.fresh.complaint:
            self.report(Outcome(Phase.FLAWED, Tone.BAD, f"no price taken: {self._model.fresh.complaint}"))
            return
        market = (terms, self._model.depth, self._model.last, form.side)
        spot = presets.next_spot(self.spot, *market)
        price = None if spot is None else presets.spot_price(spot, *market)
        if price is not None:
            self.take(replace(form, price=f"{price:.{terms.price_places}f}"))
            self.spot = spot
            self.refresh_ticket()

    def take_share(self, percent: int) -> None:
        """Size the order by a share of what is available."""
        terms, available = self._model.trading, self._available()
        if terms is not None and available is not None:
            self.take(sizing.by_share(self._read(), terms, self._model.depth, available, percent))

    def take_preset(self, number: int) -> None:
        """Size the order by a preset."""
        terms, model = self._model.trading, self._model
        if terms is not None:
            form = presets.preset(self._read(), terms, model.depth, model.last, self.preferences, number)
            self.take(self.form if form is None else form)

    def amend(self, order: Order) -> None:
        """Take an order's fields, to change them; at once, or when its market is on the screen."""
        terms = self._model.trading
        if terms is None or order.market != terms.market:
            self._awaited = order
            return
        self._kept = self._read() if self.order is None else self._kept
        self.order, self._awaited, self.outcome = order, None, None
        self._show_values(amending.form_of(order, terms))
        self.refresh_ticket()
        self._focus(amending.amendable(order)[0])

    def leave_amending(self) -> None:
        """Be a ticket for new orders again."""
        if self.order is not None:
            self.order, self.outcome = None, None
            self._show_values(self._kept)
            self.refresh_ticket()

    def keep_up(self) -> None:
        """Amend the order as it is now; when it has ended, there is nothing to amend."""
        if self.order is None or self._model.orders is None:
            return
        opened = {order.id: order for order in self._model.working.newest(self._model.orders)}
        self.order = opened.get(self.order.id, self.order)
        if self.order.id not in opened:
            ended = Outcome(Phase.DONE, Tone.WARN, f"#{self.order.id} is no longer open")
            self.leave_amending()
            self.report(ended)

    def edit(self, form: Form, field: str) -> None:
        """Take an order that was not taken by the exchange, to change what was wrong with it."""
        self.leave_amending()
        self.take(form)
        self._focus(field if field in (*form.field_names, "expires") else "size")

    def use_up(self, size: str) -> None:
        """An order of this size was taken: it is used up, so that Enter twice is not two orders."""
        if self.order is not None:
            self._kept = replace(self._kept, size="", share=None)
        elif self._read().size == size:
            self.last_size = size if not self.form.by_quote else self.last_size
            self._show_values(replace(self._read(), size="", share=None))

    @property
    def size_to_join(self) -> str:
        """The size in base that stands in the ticket, or else the last one that was sent."""
        form = self._read() if self.order is None else self._kept
        return form.size if form.size and not form.by_quote else self.last_size

    def makes(self, draft: Draft) -> bool:
        """Return whether Enter would send just this order."""
        reading = self._reading()
        return reading is not None and reading.draft == draft

    def clear_numbers(self) -> None:
        """Forget prices and size: another market was chosen."""
        self.leave_amending()
        self.outcome, self.last_size = None, ""
        self._show_values(replace(self._read(), price="", stop_price="", size="", share=None))
        self.refresh_ticket()
        if self._awaited is not None:
            self.amend(self._awaited)

    def action_submit(self) -> None:
        """Send the order, or go to the field that has a flaw."""
        self.take(self._read())
        reading = self._reading()
        if reading is None:
            return
        if reading.flaw is not None:
            self.report(Outcome(Phase.FLAWED, Tone.BAD, reading.flaw.text))
            self._focus(reading.flaw.field)
        elif reading.wanted is not None and self.order is not None:
            self.send_change(self.order, reading.wanted, reading.cautions)
        elif reading.draft is not None:
            self.send(reading.draft, reading.cautions)

    def _focus(self, field: str) -> None:
        if field == "expires":
            self.ask_expiry()
            return
        found = self.fields.field(field)
        self.screen.set_focus(found)
        found.select_all()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.take(self._read())

    @on(NumberField.Nudged)
    def _nudged(self, event: NumberField.Nudged) -> None:
        event.stop()
        terms, name, last = self._model.trading, event.field.id, self._model.last
        if terms is not None and name is not None:
            otherwise = self.last_size if name == "size" else str(last or "")
            self.take(turns.stepped(self._read(), name, event.steps, terms, otherwise))

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        if event.choice.id == "side":
            self.turn(Side(event.value))
        else:
            self.take(turns.chosen(self._read(), event.choice.id or "", event.value))

    @on(Toggle.Turned)
    def _turned(self, event: Toggle.Turned) -> None:
        event.stop()
        self.take(replace(self._read(), post_only=event.on))

    @on(Tag.Pressed)
    def _pressed_tag(self, event: Tag.Pressed) -> None:
        event.stop()
        match event.tag:
            case "size_unit":
                self.change(turns.other_unit)
            case "price_unit":
                self.pick_spot()
            case "until":
                self.ask_expiry()

    @on(SendButton.Pressed)
    def _pressed(self, event: SendButton.Pressed) -> None:
        event.stop()
        self.action_submit()
