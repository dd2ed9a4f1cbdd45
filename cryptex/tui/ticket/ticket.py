"""The order ticket: fields, an estimate, and what became of the last order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from cryptex.client.models import Order
from cryptex.protocol.terms import Side, TimeInForce
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.drawing.number_field import NumberField
from cryptex.tui.drawing.toggle import Toggle
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.model import TerminalModel, Terms, Tone
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.orders.working import Wanted
from cryptex.tui.ticket import amending, presets, sizing, turns
from cryptex.tui.ticket.caution import Caution
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.fields import Fields
from cryptex.tui.ticket.foot import Foot
from cryptex.tui.ticket.form import Form, settled
from cryptex.tui.ticket.parts import SendButton, Tag
from cryptex.tui.ticket.presets import Preferences, Spot
from cryptex.tui.ticket.reading import Reading, Scene, changing, placing
from cryptex.tui.ticket.text import available_text, tags

Cautions = tuple[Caution, ...]


class Ticket(Vertical):
    """Builds one order. `submit` checks it and hands it to `send`."""

    PLACE: ClassVar = Place.TICKET
    BINDINGS = [*keys.bindings(Place.TICKET)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    Ticket {
        background: $surface; border: round $line; padding: 0 1;
        border-title-color: $muted; border-subtitle-color: $muted;
    }
    Ticket.stale { border-subtitle-color: $faint; }
    Ticket:focus-within { border: round $focus; border-title-color: $bright; border-title-style: bold; }
    """

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.TICKET)
        self._model = model
        self.form = Form()
        self.fields = Fields()
        self._button = SendButton()
        self._foot = Foot()
        self.outcome: Outcome | None = None
        self.order: Order | None = None
        """The order that is being amended; its fields stand in the form while `_kept` waits."""
        self._kept = Form()
        self._awaited: Order | None = None
        self.send: Callable[[Draft, Cautions], None] = lambda _draft, _cautions: None
        """Who sends an order that was checked."""
        self.send_change: Callable[[Order, Wanted, Cautions], None] = lambda _order, _wanted, _cautions: None
        """Who sends an amendment that was checked."""
        self.ask_expiry: Callable[[], None] = lambda: None
        """Who asks until when an order lives."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.preferences = Preferences()
        self.again = ""
        """How to try again what was rejected, in words."""
        self.last_size = ""
        """Of the last order that was taken; what joins the book without another."""
        self.spot: Spot | None = None
        self._version: tuple[int, int, int, int, str] = (-1, 0, 0, -1, "")
        self._subtitle = ""
        self.border_title = Content("Ticket")

    def compose(self) -> ComposeResult:
        """Fields, button, foot."""
        yield self.fields
        yield self._button
        yield self._foot

    def on_mount(self) -> None:
        """Show the empty ticket."""
        self.refresh_ticket()

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

    def edit(self, form: Form, field: str) -> None:
        """Take an order that was not taken by the exchange, to change what was wrong with it."""
        self.leave_amending()
        self.take(form)
        self._focus(field if field in (*form.field_names, "expires") else "size")

    def report(self, outcome: Outcome) -> None:
        """Show what became of the last order."""
        self.outcome = outcome
        self.refresh_ticket()

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

    def take(self, form: Form) -> None:
        """Show another form. Where its size is a share of funds, it follows what it is a share of."""
        form = settled(form) if self.order is None else form
        terms, available, before = self._model.trading, self._available(form.side), self.form
        share = form.share
        if share is not None and sizing.basis(form) != sizing.basis(before):
            form = replace(form, share=None)
            if terms is not None and available is not None:
                form = sizing.by_share(form, terms, self._model.depth, available, share)
        if form.price != before.price or form.side is not before.side:
            self.spot = None
        if form != before and self.outcome is not None and self.outcome.phase in (Phase.FLAWED, Phase.REJECTED):
            self.outcome = None
        self._show_values(form)
        self.refresh_ticket()

    def follow(self) -> None:
        """Show anew when what the ticket tells of has changed: the book, the wallet, the market, the minute."""
        versions = self._model.versions
        minute = self.now().minute if self.form.time_in_force is TimeInForce.GTD else 0
        amended = versions[Part.ORDERS] if self.order is not None else 0
        version = (versions[Part.TICKET], minute, amended, versions[Part.LADDER], self._model.fresh.complaint)
        if version != self._version:
            before, self._version = self._version, version
            if version[:3] == before[:3]:
                self._tell()  # the book alone has moved, which it does in every frame, or is no longer live
            else:
                self._keep_up()
                self.refresh_ticket()

    def refresh_ticket(self) -> None:
        """Show the form, its estimate and the outcome."""
        if not self.is_mounted:
            return
        only = None if self.order is None else amending.amendable(self.order)
        self.fields.show(self.form, self.size.height, self._tags(self._model.trading), only)
        self.fields.field("size").placeholder = self.last_size if self.order is None else ""
        self._tell()

    def _tell(self) -> None:
        """Show what the form comes to."""
        form, terms, reading = self.form, self._model.trading, self._reading()
        if not self.is_mounted or terms is None or reading is None:
            return
        spent = terms.quote if form.side is Side.BUY else terms.base
        what = "" if self.order is None else f"amends #{self.order.id}   "
        subtitle = f"{what}{available_text(self._available(), spent)}"
        if subtitle != self._subtitle:  # setting it paints the whole ticket
            self._subtitle = subtitle
            self.border_subtitle = Content(subtitle)
        self._button.tell(reading.button, form.side, flawed=reading.flaw is not None)
        self._foot.told = replace(reading.told, again=self.again)
        stale = bool(self._model.fresh.complaint)
        self.set_class(stale, "stale")
        self._foot.show(stale=stale and not self._foot.tells_outcome)

    def on_resize(self) -> None:
        """Fit the rows."""
        self.refresh_ticket()

    def _reading(self) -> Reading | None:
        scene = Scene.of(self._model, self.form.side, self.now())
        if scene is None:
            return None
        if self.order is not None:
            return changing(self.form, self.order, scene, self.outcome)
        return placing(self.form, scene, self.outcome, self.preferences)

    def _keep_up(self) -> None:
        """Amend the order as it is now; when it has ended, there is nothing to amend."""
        if self.order is None or self._model.orders is None:
            return
        opened = {order.id: order for order in self._model.working.newest(self._model.orders)}
        self.order = opened.get(self.order.id, self.order)
        if self.order.id not in opened:
            ended = Outcome(Phase.DONE, Tone.WARN, f"#{self.order.id} is no longer open")
            self.leave_amending()
            self.report(ended)

    def _available(self, side: Side | None = None) -> Decimal | None:
        terms = self._model.trading
        if terms is None:
            return None
        return self._model.available(terms.quote if (side or self.form.side) is Side.BUY else terms.base)

    def _read(self) -> Form:
        return self.fields.read(self.form) if self.is_mounted else self.form

    def _show_values(self, form: Form) -> None:
        self.form = form
        self.fields.write(form)

    def _tags(self, terms: Terms | None) -> dict[str, str]:
        return tags(self.form, terms, self.spot, self.now())

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
