"""An order that can be sent: what the ticket makes, the trader sends, and a row in flight shows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from cryptex.protocol.terms import OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.tui.drawing import texts

if TYPE_CHECKING:
    from cryptex.tui.model import Terms


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked order. Exactly one of `size` (base) and `quote_size` (quote) is given."""

    market: str
    side: Side
    type: OrderType
    size: Decimal | None
    price: Decimal | None
    stop_price: Decimal | None
    time_in_force: TimeInForce
    post_only: bool = False
    quote_size: Decimal | None = None
    expires_at: datetime | None = None
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.CANCEL_NEWEST

    def summary(self, terms: "Terms") -> str:
        """Return the order in one line: `buy 0.5 BTC at 61,234.50`."""
        text = f"{self.side.value} {self.amount_text(terms)}"
        if self.stop_price is not None:
            text += f" stop {texts.number(self.stop_price, terms.price_places)}"
        if self.price is not None:
            return f"{text} at {texts.number(self.price, terms.price_places)}"
        return f"{text} at market"

    def amount_text(self, terms: "Terms") -> str:
        """Return how much is traded: `0.5 BTC`, or `500 USDT` worth."""
        if self.size is not None:
            return f"{texts.trimmed(self.size, terms.size_places)} {terms.base}"
        return f"{texts.trimmed(self.quote_size or Decimal(0), 8)} {terms.quote} worth"
