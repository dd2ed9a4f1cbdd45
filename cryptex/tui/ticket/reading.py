"""What the ticket makes of its form: the order or the amendment that Enter sends, or what is missing. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from cryptex.client.models import Order
from cryptex.protocol.terms import MarketState, Side
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.sides import ARROWS
from cryptex.tui.market.state import not_now
from cryptex.tui.model import Depth, TerminalModel, Terms
from cryptex.tui.orders.outcome import Outcome
from cryptex.tui.orders.working import Wanted
from cryptex.tui.ticket import amending, presets, sizing
from cryptex.tui.ticket.caution import Caution, cautions
from cryptex.tui.ticket.draft import Draft
from cryptex.tui.ticket.estimate import Estimate, estimate
from cryptex.tui.ticket.foot import Told
from cryptex.tui.ticket.form import Flaw, Form, check
from cryptex.tui.ticket.presets import Preferences


@dataclass(frozen=True, slots=True)
class Scene:
    """What a form is read against: the market as it is shown, and what is available of the asset to be spent."""

    terms: Terms
    depth: Depth | None
    last: Decimal | None
    state: MarketState
    available: Decimal | None
    now: datetime
    complaint: str = ""
    """What is wrong with the book, in words."""

    @classmethod
    def of(cls, model: TerminalModel, side: Side, now: datetime) -> "Scene | None":
        """Return the scene of a side of the chosen market; None before markets are known."""
        terms = model.trading
        if terms is None:
            return None
        available = model.available(terms.quote if side is Side.BUY else terms.base)
        return cls(terms, model.depth, model.last, model.state, available, now, model.fresh.complaint)


@dataclass(frozen=True, slots=True)
class Reading:
    """What Enter does: `draft` is placed, or `wanted` is what the order is to be; or there is a flaw."""

    button: str
    told: Told
    flaw: Flaw | None = None
    draft: Draft | None = None
    wanted: Wanted | None = None

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What is to be known before it is sent."""
        return self.told.cautions


def placing(form: Form, scene: Scene, outcome: Outcome | None, preferences: Preferences) -> Reading:
    """Read a form as a new order."""
    terms = scene.terms
    draft = not_now(form, scene.state) or check(form, terms, scene.now)
    if isinstance(draft, Flaw):
        price = sizing.reference(form) or scene.last
        told = Told(terms, outcome=outcome, hints=presets.hints(terms, price, preferences))
        return Reading(draft.text, told, flaw=draft)
    summary = draft.summary(terms)
    found, told_of = weighed(draft, scene)
    return Reading(
        f"{ARROWS[draft.side]} {summary[:1].upper()}{summary[1:]}", Told(terms, found, told_of, outcome), draft=draft
    )


def changing(form: Form, order: Order, scene: Scene, outcome: Outcome | None) -> Reading:
    """Read a form as an amendment of an order."""
    wanted = amending.wanted_of(form, order, scene.terms)
    button = amending.button_text(order, wanted, scene.terms)
    if isinstance(wanted, Flaw):
        return Reading(button, Told(scene.terms, outcome=outcome, hints=_as_it_is(order, scene.terms)), flaw=wanted)
    own = replace(scene, available=None if scene.available is None else scene.available + amending.held(order))
    found, told_of = weighed(amending.draft_of(order, wanted), own)
    told = Told(scene.terms, found, told_of, outcome, note=amending.place_text(order, wanted))
    return Reading(button, told, wanted=wanted)


def weighed(draft: Draft, scene: Scene) -> tuple[Estimate | None, tuple[Caution, ...]]:
    """Return what an order would come to in a scene, and what is to be known before it is sent."""
    old = (Caution(scene.complaint, risky=True),) if scene.complaint else ()
    found = estimate(draft, scene.terms, scene.depth, scene.available)
    return found, (*old, *cautions(draft, found, scene.terms, scene.depth, scene.last))


def _as_it_is(order: Order, terms: Terms) -> tuple[str, ...]:
    price = order.price if order.price is not None else order.stop_price
    size = texts.trimmed(order.size or Decimal(0), terms.size_places)
    filled = texts.trimmed(order.filled, terms.size_places)
    return (f"now {size} {terms.base} at {texts.number(price, terms.price_places)}, {filled} filled", "esc leaves it")
