"""The order ticket: fields, an estimate, and what became of the last order."""

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.drawing.number_field import NumberField
from cryptex.tui.drawing.theme import Ground
from cryptex.tui.drawing.toggle import Toggle
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.market.state import not_now
from cryptex.tui.model import TerminalModel, Terms, Tone
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.ticket.form import (
    FORCES,
    PRICED,
    STOPPED,
    Draft,
    Flaw,
    Form,
    can_post_only,
    check,
    estimate,
    nudged,
)
from cryptex.tui.ticket.text import button_text, estimate_text, outcome_text

_SIDES: Final = ((Side.BUY.value, "▲ Buy"), (Side.SELL.value, "▼ Sell"))
_TYPES: Final = (
    (OrderType.LIMIT.value, "Limit"),
    (OrderType.MARKET.value, "Market"),
    (OrderType.STOP.value, "Stop"),
    (OrderType.STOP_LIMIT.value, "Stop-limit"),
)
_FORCES: Final = tuple((force.value, force.value.upper()) for force in FORCES[OrderType.LIMIT])
_OUTCOME_ROWS: Final = 2
_WRAPPED: Final = 10
"""Cells that a line break may cost."""
_SIDE_TINTS: Final = {Side.BUY.value: Ground.BUY, Side.SELL.value: Ground.SELL}


class SendButton(Static, can_focus=True):
    """Says in one line what Enter will send."""

    class Pressed(Message):
        """A click."""

    def on_click(self) -> None:
        """Send."""
        self.post_message(self.Pressed())


class Ticket(Vertical):
    """Builds one order. `submit` checks it and asks the screen to send it."""

    PLACE: ClassVar = Place.TICKET
    BINDINGS = [*keys.bindings(Place.TICKET)]  # noqa: RUF012 (Textual's shape)
    DEFAULT_CSS = """
    Ticket {
        background: $surface; border: round $line; padding: 0 1;
        border-title-color: $muted; border-subtitle-color: $muted;
    }
    Ticket:focus-within { border: round $focus; border-title-color: $bright; border-title-style: bold; }
    Ticket Horizontal { height: 1; }
    Ticket Horizontal.unused { opacity: 35%; }
    Ticket .label { width: 6; height: 1; color: $muted; }
    Ticket .unit { width: 6; height: 1; color: $muted; padding: 0 0 0 1; }
    Ticket #time_in_force { width: 16; }
    Ticket .text { height: 1; width: 1fr; }
    Ticket #estimate { text-wrap: nowrap; text-overflow: ellipsis; }
    Ticket #outcome { height: 2; }
    Ticket SendButton { height: 1; width: 1fr; text-align: center; text-style: $badge-style; color: $badge; }
    Ticket SendButton.buy { background: $buy-ground; }
    Ticket SendButton.sell { background: $sell-ground; }
    Ticket SendButton.flawed { background: $raised; color: $muted; text-style: none; }
    Ticket SendButton:focus { text-style: bold underline; }
    """

    class Send(Message):
        """A checked order is to be sent."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.TICKET)
        self._model = model
        self.version = -1
        self.form = Form()
        self.outcome: Outcome | None = None
        self.border_title = Content("Ticket")

    def compose(self) -> ComposeResult:
        """Lay the rows."""
        yield _row("Side", Choice("side", _SIDES, _SIDE_TINTS))
        yield _row("Type", Choice("type", _TYPES))
        yield _row("Price", NumberField("price"), _unit("quote"))
        yield _row("Stop", NumberField("stop_price"), _unit("quote"))
        yield _row("Size", NumberField("size"), _unit("base"))
        yield _row("Force", Choice("time_in_force", _FORCES), Toggle("Post-only", "post_only"))
        yield Static(id="estimate", classes="text", markup=False)
        yield SendButton(id="send", markup=False)
        yield Static(id="outcome", classes="text", markup=False)

    def on_mount(self) -> None:
        """Show the empty ticket."""
        self.refresh_ticket()

    def fill(self, price: Decimal, side: Side) -> None:
        """Take a level of the ladder: its price, and the side that would trade against what rests there."""
        terms = self._model.trading
        if terms is None:
            return
        if self.form.type not in PRICED:
            self._set(type=OrderType.LIMIT)
        self._set(side=Side.SELL if side is Side.BUY else Side.BUY)
        self.query_one("#price", NumberField).value = f"{price:.{terms.price_places}f}"

    def turn(self, side: Side) -> None:
        """Take a side."""
        self._set(side=side)

    def focus_field(self) -> None:
        """Put the cursor into the first field that still needs a number."""
        wanted = [n for n, shown in self._shown().items() if shown and not self.query_one(f"#{n}", NumberField).value]
        self._focus(wanted[0] if wanted else "size")

    def focus_first(self) -> None:
        """Put the cursor into the first field, its number selected: the same keys always mean the same order."""
        self._focus(next(name for name, shown in self._shown().items() if shown))

    def next_type(self) -> None:
        """Turn to the next order type."""
        kinds = list(OrderType)
        self._turn_type(kinds[(kinds.index(self.form.type) + 1) % len(kinds)])
        self.focus_field()

    def next_force(self) -> None:
        """Turn to the next time in force."""
        forces = FORCES[self.form.type]
        self._set(time_in_force=forces[(forces.index(self.form.time_in_force) + 1) % len(forces)])

    def toggle_post_only(self) -> None:
        """Turn post_only on or off."""
        if can_post_only(self.form):
            self._set(post_only=not self.form.post_only)

    def report(self, outcome: Outcome) -> None:
        """Show what became of the order. A size is used up by its order, so that Enter twice is not two orders."""
        self.outcome = outcome
        if outcome.phase is Phase.DONE:
            self.query_one("#size", NumberField).value = ""
        self.refresh_ticket()

    def clear_numbers(self) -> None:
        """Forget prices and size: another market was chosen."""
        for name in self._shown():
            self.query_one(f"#{name}", NumberField).value = ""
        self.outcome = None

    def action_submit(self) -> None:
        """Send the order, or go to the field that has a flaw."""
        terms = self._model.trading
        if terms is None or (self.outcome is not None and self.outcome.phase is Phase.SUBMITTING):
            return
        draft = self._checked(terms)
        if isinstance(draft, Draft):
            self.post_message(self.Send(draft))
            return
        self.report(Outcome(Phase.FLAWED, Tone.BAD, draft.text))
        self._focus(draft.field)

    def refresh_ticket(self) -> None:
        """Show the form, its estimate and the outcome."""
        self._refresh_fields()
        terms = self._model.trading
        if terms is None:
            return
        for unit, asset in (("quote", terms.quote), ("base", terms.base)):
            for label in self.query(f".{unit}").results(Static):
                label.update(Content(asset[:5]))
        draft = self._checked(terms)
        spent = terms.quote if self.form.side is Side.BUY else terms.base
        available = self._model.available(spent)
        self.border_subtitle = _subtitle(available, spent)
        button = self.query_one(SendButton)
        button.update(Content(button_text(draft, terms)))
        button.set_classes(f"{self.form.side.value}{' flawed' if isinstance(draft, Flaw) else ''}")
        found = Content("")
        if isinstance(draft, Draft):
            found = estimate_text(estimate(draft, terms, self._model.depth), terms, available, self.form.side)
        self.query_one("#estimate", Static).update(found)
        self.query_one("#outcome", Static).update(
            outcome_text(self.outcome, max(8, _OUTCOME_ROWS * self.size.width - _WRAPPED))
        )

    def on_resize(self) -> None:
        """Fit the texts."""
        self.refresh_ticket()

    def _checked(self, terms: Terms) -> Draft | Flaw:
        return not_now(self.form, self._model.state) or check(self.form, terms)

    def _shown(self) -> dict[str, bool]:
        """Return which number fields the order type has."""
        kind = self.form.type
        return {"price": kind in PRICED, "stop_price": kind in STOPPED, "size": True}

    def _refresh_fields(self) -> None:
        form = self.form
        for name, shown in self._shown().items():
            field = self.query_one(f"#{name}", NumberField)
            field.disabled = not shown
            if field.parent is not None:
                field.parent.set_class(not shown, "unused")
        self.query_one("#side", Choice).choose(form.side)
        self.query_one("#type", Choice).choose(form.type)
        forces = self.query_one("#time_in_force", Choice)
        forces.allow([force.value for force in FORCES[form.type]])
        forces.choose(form.time_in_force)
        self.query_one("#post_only", Toggle).show(form.post_only, can_post_only(form))

    def _focus(self, field: str) -> None:
        found = self.query_one(f"#{field}", NumberField)
        self.screen.set_focus(found)
        found.select_all()

    def _turn_type(self, kind: OrderType) -> None:
        self._set(type=kind, time_in_force=FORCES[kind][0])

    def _set(self, **changes: Side | OrderType | TimeInForce | str | bool) -> None:
        form = replace(self.form, **changes)  # type: ignore[arg-type]
        if form.time_in_force not in FORCES[form.type]:
            form = replace(form, time_in_force=FORCES[form.type][0])
        if form != self.form and self.outcome is not None and self.outcome.phase is Phase.FLAWED:
            self.outcome = None
        self.form = form
        self.refresh_ticket()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id is not None:
            self._set(**{event.input.id: event.value})

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    @on(NumberField.Nudged)
    def _nudged(self, event: NumberField.Nudged) -> None:
        event.stop()
        terms = self._model.trading
        if terms is None:
            return
        step = terms.lot if event.field.id == "size" else terms.tick
        start = event.field.value
        if not start and event.field.id != "size" and self._model.last is not None:
            start = str(self._model.last)
        event.field.value = nudged(start, step, event.steps)

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        match event.choice.id:
            case "side":
                self._set(side=Side(event.value))
            case "type":
                self._turn_type(OrderType(event.value))
            case _:
                self._set(time_in_force=TimeInForce(event.value))

    @on(Toggle.Turned)
    def _turned(self, event: Toggle.Turned) -> None:
        event.stop()
        self._set(post_only=event.on)

    @on(SendButton.Pressed)
    def _pressed(self, event: SendButton.Pressed) -> None:
        event.stop()
        self.action_submit()


def _row(label: str, *controls: Widget) -> Horizontal:
    return Horizontal(Static(label, classes="label", markup=False), *controls)


def _unit(which: str) -> Static:
    return Static(classes=f"unit {which}", markup=False)


def _subtitle(available: Decimal | None, asset: str) -> Content:
    if available is None:
        return Content("")
    return Content(f"{texts.short_amount(available)} {asset} available")
