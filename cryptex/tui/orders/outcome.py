"""What became of an order that was sent, in words. Pure."""

from enum import StrEnum
from typing import NamedTuple

from cryptex.client.errors import CryptexError, NodeUnreachableError
from cryptex.client.models import Order
from cryptex.protocol.terms import OPEN_STATUSES, OrderStatus
from cryptex.tui.drawing import texts
from cryptex.tui.model import Terms, Tone
from cryptex.tui.orders.advice import advice


class Phase(StrEnum):
    """Where a sent order is on its way."""

    FLAWED = "flawed"
    SUBMITTING = "submitting"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Outcome(NamedTuple):
    """A phase with its words: what happened, what to do about it, and `more` for the log, where there is room."""

    phase: Phase
    tone: Tone
    text: str
    advice: str = ""
    more: str = ""
    can_repeat: bool = False
    """Whether the order may be tried again as it is."""


def submitting(summary: str) -> Outcome:
    """Return the outcome of an order on its way."""
    return Outcome(Phase.SUBMITTING, Tone.PLAIN, f"submitting: {summary}")


def on_its_way() -> Outcome:
    """Return the outcome of an order that was not sent since the same one is being sent."""
    return Outcome(Phase.SUBMITTING, Tone.WARN, "not sent again: the same order is on its way")


def not_known_yet() -> Outcome:
    """Return the outcome of an order that was not sent since nobody knows what became of the same one."""
    text = "not sent again: what became of the same order is not known yet"
    return Outcome(Phase.UNKNOWN, Tone.WARN, text, "; cancel its row to give it up")


def unknown(summary: str) -> Outcome:
    """Return the outcome of an order whose reply never came."""
    return Outcome(Phase.UNKNOWN, Tone.WARN, "outcome unknown, asking the exchange", more=f": {summary}")


def still_unknown(error: CryptexError, summary: str) -> Outcome:
    """Return the outcome of an order that cannot even be asked for."""
    return Outcome(Phase.UNKNOWN, Tone.WARN, f"outcome still unknown: {said(error)}", more=f" [{summary}]")


def not_placed(summary: str) -> Outcome:
    """Return the outcome of an unknown order that the exchange does not have."""
    return Outcome(Phase.REJECTED, Tone.BAD, "not placed: the exchange has no such order", "", f" [{summary}]", True)


def refused(error: CryptexError, summary: str) -> Outcome:
    """Return the outcome of an order that was turned away, with the reason and what to do."""
    verb = "not sent" if isinstance(error, NodeUnreachableError) else "rejected"
    return Outcome(Phase.REJECTED, Tone.BAD, f"{verb}: {said(error)}", _more(error), f" [{summary}]", True)


def said(error: CryptexError) -> str:
    """Return why a request failed; what the exception's own text adds to that is for programs."""
    return (str(error) if error.problem is None else error.problem.message).rstrip(".")


def reason(error: CryptexError) -> str:
    """Return why a request failed and what to do about it, in words."""
    return f"{said(error)}{_more(error)}"


def placed(order: Order, terms: Terms) -> Outcome:
    """Return the outcome of an order that the exchange took."""
    text = f"{texts.words(order.status)} #{order.id}"
    if order.filled:
        size, _ = texts.split_zeros(texts.number(order.filled, terms.size_places))
        text += f": {order.side.value} {size} {terms.base}"
        if order.average_price is not None:
            text += f" at {texts.number(order.average_price, terms.price_places)}"
    if order.status is OrderStatus.REJECTED:
        why = order.reject_code or order.reason or ""
        return Outcome(Phase.REJECTED, Tone.BAD, f"{text}: {texts.words(why)}", can_repeat=True)
    if order.status in OPEN_STATUSES or order.status is OrderStatus.FILLED:
        return Outcome(Phase.DONE, Tone.GOOD, text)
    why = f" ({texts.words(order.reason)})" if order.reason else ""
    return Outcome(Phase.DONE, Tone.WARN, f"{text}{why}")


def amended(order: Order, terms: Terms | None) -> Outcome:
    """Return the outcome of an amendment: how the order is now."""
    if not order.is_open:
        return Outcome(Phase.DONE, Tone.GOOD, f"#{order.id} is {texts.words(order.status)}")
    price = order.price if order.price is not None else order.stop_price
    size = texts.trimmed(order.size if order.size is not None else order.remaining, terms.size_places if terms else 8)
    at = "" if price is None else f" at {texts.number(price, terms.price_places if terms else 8)}"
    return Outcome(Phase.DONE, Tone.GOOD, f"amended #{order.id}: {size}{at}")


def not_amended(error: CryptexError, order_id: int) -> Outcome:
    """Return the outcome of an amendment that was turned away."""
    return Outcome(Phase.REJECTED, Tone.BAD, f"#{order_id} stays as it was: {said(error)}", _more(error))


def _more(error: CryptexError) -> str:
    found = advice(error.problem)
    return f". {found}" if found else ""
