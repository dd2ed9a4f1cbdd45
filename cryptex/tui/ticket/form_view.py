"""A form on the screen: its fields, its button, and below them what it comes to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from cryptex.client.models import Order
from cryptex.protocol.terms import Side, TimeInForce
from cryptex.tui.desk.part import Part
from cryptex.tui.model import TerminalModel, Terms
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.ticket import amending, sizing
from cryptex.tui.ticket.fields import Fields
from cryptex.tui.ticket.foot import Foot
from cryptex.tui.ticket.form import Form, settled
from cryptex.tui.ticket.parts import SendButton
from cryptex.tui.ticket.presets import Preferences, Spot
from cryptex.tui.ticket.reading import Reading, Scene, changing, placing
from cryptex.tui.ticket.text import available_text, tags


class FormView(Vertical):
    """Shows a form and follows the market that it is read against. `order` is the one that it amends, if any."""

    DEFAULT_CSS = """
    FormView {
        background: $surface; border: round $line; padding: 0 1;
        border-title-color: $muted; border-subtitle-color: $muted;
    }
    FormView.stale { border-subtitle-color: $faint; }
    FormView:focus-within { border: round $focus; border-title-color: $bright; border-title-style: bold; }
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

    def report(self, outcome: Outcome) -> None:
        """Show what became of the last order."""
        self.outcome = outcome
        self.refresh_ticket()

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
                self.keep_up()
                self.refresh_ticket()

    def keep_up(self) -> None:
        """Take what has become of the order that is amended."""

    def refresh_ticket(self) -> None:
        """Show the form, its estimate and the outcome."""
        if not self.is_mounted:
            return
        only = None if self.order is None else amending.amendable(self.order)
        self.fields.show(self.form, self.size.height, self._tags(self._model.trading), only)
        self.fields.field("size").placeholder = self.last_size if self.order is None else ""
        self._tell()

    def on_resize(self) -> None:
        """Fit the rows."""
        self.refresh_ticket()

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

    def _reading(self) -> Reading | None:
        scene = Scene.of(self._model, self.form.side, self.now())
        if scene is None:
            return None
        if self.order is not None:
            return changing(self.form, self.order, scene, self.outcome)
        return placing(self.form, scene, self.outcome, self.preferences)

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
