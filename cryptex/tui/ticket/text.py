"""The ticket's own words: its button, its hints, the choices of its rows. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.drawing import texts
from cryptex.tui.model import Terms
from cryptex.tui.ticket.expiry import expiry_at, until_text
from cryptex.tui.ticket.form import Form
from cryptex.tui.ticket.presets import Spot

LABELS: Final = {
    "side": "Side",
    "type": "Type",
    "price": "Price",
    "stop_price": "Stop",
    "size": "Size",
    "time_in_force": "Force",
    "expires": "Until",
    "self_trade_prevention": "STP",
}
SIDES: Final = ((Side.BUY.value, "▲ Buy"), (Side.SELL.value, "▼ Sell"))
TYPES: Final = (
    (OrderType.LIMIT.value, "Limit"),
    (OrderType.MARKET.value, "Market"),
    (OrderType.STOP.value, "Stop"),
    (OrderType.STOP_LIMIT.value, "Stop-limit"),
)
FORCE_WORDS: Final = tuple((force.value, force.value.upper()) for force in TimeInForce)
SELF_TRADES: Final = (
    (SelfTradePrevention.CANCEL_NEWEST.value, "newest"),
    (SelfTradePrevention.CANCEL_OLDEST.value, "oldest"),
    (SelfTradePrevention.CANCEL_BOTH.value, "both"),
    (SelfTradePrevention.DECREMENT.value, "lower"),
)
"""What is canceled when an order meets one's own: the newer, the older, both; or both are lowered."""


def available_text(available: Decimal | None, asset: str) -> str:
    """Return what can be spent."""
    return "" if available is None else f"{texts.short_amount(available)} {asset} available"


def tags(form: Form, terms: Terms | None, spot: Spot | None, now: datetime) -> dict[str, str]:
    """Return what stands beside the fields: units, the spot that a price was picked from, and until when."""
    until = expiry_at(form.expires, now)
    told = {"until": until if isinstance(until, str) else f"{until_text(until, now)} ({form.expires})"}
    if terms is None:
        return told
    size_unit = terms.quote if form.by_quote else terms.base
    return told | {"price_unit": spot or terms.quote, "stop_unit": terms.quote, "size_unit": size_unit}
