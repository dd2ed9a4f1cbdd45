"""From a checked order to the exchange: asked about first where the user wants that, sent at once where not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from cryptex.client.models import Order
from cryptex.protocol.terms import OrderType, Side, TimeInForce
from cryptex.tui.desk.part import Part
from cryptex.tui.model import Tone
from cryptex.tui.orders import outcome
from cryptex.tui.orders.confirm_screen import ConfirmScreen
from cryptex.tui.orders.working import Flight, Wanted, Way
from cryptex.tui.stage import Stage
from cryptex.tui.ticket import amending, sizing
from cryptex.tui.ticket.caution import Caution, Confirm, must_confirm
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.form import Form
from cryptex.tui.ticket.reading import Reading, Scene, placing, weighed

Cautions = tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what the ticket holds, and what single keys make without it."""

    stage: Stage

    def send(self, draft: Draft, cautions: Cautions) -> None:
        """Send the ticket's order; its size is used up once the exchange has taken it."""
        self._offer(draft, cautions, self._using_up())

    def send_change(self, order: Order, wanted: Wanted, cautions: Cautions) -> None:
        """Send the ticket's amendment; once the order is as wanted, the ticket is one for new orders again."""
        draft = amending.draft_of(order, wanted)
        self._ask_or(draft, cautions, lambda: self._amend(order, wanted), f"amend #{order.id}, then ")

    def join(self, side: Side) -> None:
        """Place a post-only limit with the ticket's size at the best price of a side."""
        stage, ticket = self.stage, self.stage.desk.ticket
        scene = Scene.of(stage.model, side, ticket.now())
        if stage.model.fresh.complaint:
            self._refuse(f"not joined: {stage.model.fresh.complaint}")
            return
        best = None if scene is None else sizing.touch(scene.depth, side, far=False)
        if scene is None or best is None:
            stage.note(Tone.BAD, f"there is no {'bid' if side is Side.BUY else 'ask'} to join")
            return
        form = Form(
            side=side,
            price=f"{best:f}",
            size=ticket.size_to_join,
            post_only=True,
            self_trade_prevention=ticket.form.self_trade_prevention,
        )
        reading = placing(form, scene, None, ticket.preferences)
        draft = reading.draft
        if draft is None:
            self._complain(reading)
            return
        self._offer(draft, reading.cautions, _nothing)

    def retry(self) -> None:
        """Send the chosen rejected order again, or else the one that was sent last; weighed anew, and asked about."""
        flight, stage = self.rejected, self.stage
        if flight is None:
            older = any(not f.is_unanswered for f in stage.model.working.flights.values())
            more = ": choose the row of an older one" if older else ""
            stage.note(Tone.PLAIN, f"there is no rejected order to try again{more}")
            return
        draft = flight.draft
        taken = self._using_up() if stage.desk.ticket.makes(draft) else _nothing
        scene = Scene.of(stage.model, draft.side, stage.desk.ticket.now())
        if scene is not None and scene.terms.market == draft.market:
            self._offer(draft, weighed(draft, scene)[1], taken)
        else:
            elsewhere = Caution(f"{draft.market} is not the market on the screen", risky=True)
            self._offer(draft, (elsewhere,), taken, always=True)

    def edit(self, flight: Flight) -> None:
        """Take a rejected order into the ticket and put its row away."""
        stage, draft = self.stage, flight.draft
        terms = stage.model.trading
        if terms is None or draft.market != terms.market:
            stage.note(Tone.PLAIN, f"turn to {draft.market} to edit this order")
            return
        stage.model.working.drop(flight.key)
        stage.desk.bring(Part.TICKET)
        stage.desk.ticket.edit(form_of(draft), flight.field)

    @property
    def rejected(self) -> Flight | None:
        """The rejected order that a key means: that of the chosen row, or else the one that was sent last."""
        row = self.stage.desk.orders.selected_row
        chosen = None if row is None or not self.stage.desk.orders.has_focus else row.flight
        if chosen is not None and chosen.way is Way.REJECTED:
            return chosen
        return self.stage.model.working.rejected

    def next_confirm(self) -> None:
        """Ask about more orders, or about fewer; the settings keep it."""
        levels = list(Confirm)
        stage, ticket = self.stage, self.stage.desk.ticket
        turned = levels[(levels.index(ticket.preferences.confirm) + 1) % len(levels)]
        ticket.preferences = replace(ticket.preferences, confirm=turned)
        complaint = stage.settings.change("ticket", "confirm", turned.value)
        words = {Confirm.NEVER: "no order", Confirm.RISKY: "market and risky orders", Confirm.ALWAYS: "every order"}
        stage.note(Tone.PLAIN, f"asks before sending: {words[turned]}")
        if complaint:
            stage.note(Tone.WARN, complaint)

    def _offer(self, draft: Draft, cautions: Cautions, taken: Callable[[], None], *, always: bool = False) -> None:
        if not self._is_on_its_way(draft):
            self._ask_or(draft, cautions, lambda: self._place(draft, taken), always=always)

    def _ask_or(
        self, draft: Draft, cautions: Cautions, send: Callable[[], None], before: str = "", *, always: bool = False
    ) -> None:
        terms, ticket = self.stage.model.terms.get(draft.market), self.stage.desk.ticket
        if terms is None:
            return
        if not always and not must_confirm(ticket.preferences.confirm, draft, list(cautions)):
            send()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                send()

        summary = f"{before}{draft.summary(terms)}"
        question = ConfirmScreen(f"{summary[:1].upper()}{summary[1:]}?", [caution.text for caution in cautions])
        self.stage.open(question, answered)

    def _is_on_its_way(self, draft: Draft) -> bool:
        """Return, and say, whether the same order has no answer yet: sent again, it could be two."""
        flight = self.stage.model.working.unanswered(draft)
        if flight is None:
            return False
        found = outcome.on_its_way() if flight.way is Way.SUBMITTING else outcome.not_known_yet()
        self.stage.desk.ticket.report(found)
        self.stage.note(found.tone, found.text)
        return True

    def _refuse(self, text: str) -> None:
        self.stage.desk.ticket.report(outcome.Outcome(outcome.Phase.FLAWED, Tone.BAD, text))
        self.stage.note(Tone.BAD, text)

    def _place(self, draft: Draft, taken: Callable[[], None]) -> None:
        stage = self.stage
        terms = stage.model.terms.get(draft.market)
        if terms is None or self._is_on_its_way(draft):
            return
        stage.desk.ticket.outcome = outcome.submitting(draft.summary(terms))
        stage.work(stage.trader.submit(draft, terms, taken), "orders")

    def _amend(self, order: Order, wanted: Wanted) -> None:
        stage, ticket = self.stage, self.stage.desk.ticket
        ticket.report(outcome.Outcome(outcome.Phase.SUBMITTING, Tone.PLAIN, f"amending #{order.id}"))

        def told(found: outcome.Outcome) -> None:
            if found.phase is outcome.Phase.DONE and ticket.order is not None and ticket.order.id == order.id:
                ticket.leave_amending()
                self._back_to_orders()
            ticket.report(found)

        if stage.amender.aim(order, wanted, told):
            stage.work(stage.amender.pursue(order), "orders")

    def _back_to_orders(self) -> None:
        """Go back from the ticket to where the order was chosen: the next digits are not meant for its fields."""
        focused = self.stage.screen.focused
        if focused is not None and self.stage.desk.ticket in focused.ancestors:
            self.stage.desk.turn(Part.ORDERS)

    def _complain(self, reading: Reading) -> None:
        flaw = reading.flaw
        text = "" if flaw is None else flaw.text
        if flaw is not None and flaw.field == "size" and not self.stage.desk.ticket.size_to_join:
            text = "no size to join with: press 1 to 4, or type one in the ticket"
        self.stage.desk.ticket.report(outcome.Outcome(outcome.Phase.FLAWED, Tone.BAD, text))

    def _using_up(self) -> Callable[[], None]:
        ticket = self.stage.desk.ticket
        return partial(ticket.use_up, ticket.form.size)


def form_of(draft: Draft) -> Form:
    """Return the form of a draft."""
    size = draft.size if draft.size is not None else draft.quote_size
    gtd = draft.time_in_force is TimeInForce.GTD and draft.expires_at is not None
    form = Form(
        side=draft.side,
        type=draft.type,
        price=_text(draft.price),
        stop_price=_text(draft.stop_price),
        size=_text(size),
        by_quote=draft.type in (OrderType.MARKET, OrderType.STOP) and draft.quote_size is not None,
        time_in_force=draft.time_in_force,
        post_only=draft.post_only,
        self_trade_prevention=draft.self_trade_prevention,
    )
    return replace(form, expires=f"{draft.expires_at:%Y-%m-%d %H:%M:%S}") if gtd else form


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _nothing() -> None:
    """What a join uses up of the ticket."""
