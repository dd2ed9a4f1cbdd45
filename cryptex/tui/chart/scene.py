"""What a chart is drawn from besides its candles: how numbers are written, and what is marked on it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from cryptex.protocol.terms import Side


class OrderMark(NamedTuple):
    """An open order of one's own, at its price; `waits` says that it is a stop, at its stop price."""

    side: Side
    price: Decimal
    waits: bool = False


class FillMark(NamedTuple):
    """A fill of one's own: when, in seconds since 1970, and which side."""

    time_s: int
    side: Side


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is written and what is marked on it."""

    tick: Decimal
    price_places: int
    size_places: int
    base: str = ""
    orders: tuple[OrderMark, ...] = ()
    fills: tuple[FillMark, ...] = ()
    """Oldest first."""
    note: str = ""
    """What there is to say of the data: that older candles are being loaded, or can not be had."""
    advice: str = ""
    """What to do where there is nothing to draw yet."""
    now_s: int = 0
    """How late it is at the exchange, in seconds since 1970, as far as is known: nobody may have traded since long."""
