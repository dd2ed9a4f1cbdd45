"""How the values that alerts look at are written. Pure."""

from decimal import Decimal

from cryptex.client.alerts import Subject
from cryptex.tui.drawing import texts
from cryptex.tui.model import Terms

_PLACES_UNKNOWN = 8


def value_text(subject: Subject, value: Decimal | None, terms: Terms | None) -> str:
    """Return a value in the market's decimals."""
    if subject is Subject.CHANGE_PERCENT:
        return texts.signed_percent(value)
    if subject is Subject.VOLUME:
        return texts.short(value)
    return texts.number(value, terms.price_places if terms else _PLACES_UNKNOWN)


def proposal(terms: Terms, last: Decimal | None) -> str:
    """Return the rule that is offered for a market: above its last price."""
    return "" if last is None else f"price > {last:.{terms.price_places}f}"
