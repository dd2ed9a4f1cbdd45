"""What the terminal says of a market that is not open. Pure."""

from typing import Final

from cryptex.client.models import Ticker
from cryptex.protocol.terms import MarketState, OrderType, TimeInForce
from cryptex.tui.drawing import texts
from cryptex.tui.ticket.form import Flaw, Form

_RESTS: Final = frozenset({TimeInForce.GTC, TimeInForce.GTD})


def state_text(ticker: Ticker) -> str:
    """Return the state and until when it lasts: `halted until 15:45:03`."""
    ends_at = ticker.state_ends_at
    if ends_at is not None:
        return f"{ticker.state} until {texts.clock(ends_at)}"
    return f"{ticker.state} until resumed" if ticker.state is MarketState.HALTED else str(ticker.state)


def auction_text(ticker: Ticker, price_places: int, size_places: int) -> str | None:
    """Return what an auction would come to if it ended now, or None where nothing would trade."""
    if ticker.indicative_price is None or ticker.indicative_volume is None:
        return None
    size = texts.split_zeros(texts.number(ticker.indicative_volume, size_places))[0]
    return f"{size} at {texts.number(ticker.indicative_price, price_places)}"


def not_now(form: Form, state: MarketState) -> Flaw | None:
    """Return why a market in this state does not take an order of the form's kind."""
    if state is MarketState.HALTED:
        return Flaw("size", "halted: it takes cancels alone")
    if state is not MarketState.AUCTION:
        return None
    refused = None
    if form.type is OrderType.MARKET:
        refused = "market"
    elif form.type is OrderType.LIMIT and form.time_in_force not in _RESTS:
        refused = form.time_in_force.value
    elif form.type is OrderType.LIMIT and form.post_only:
        refused = "post-only"
    return None if refused is None else Flaw("size", f"auction: it takes no {refused} orders")
