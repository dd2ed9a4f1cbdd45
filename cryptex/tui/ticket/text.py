"""The ticket's own words: its button, its hints, the choices of its rows. Pure."""

from decimal import Decimal
from typing import Final

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.drawing import texts

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
