"""Every division of money, with its rounding. All amounts are whole numbers."""

from typing import Final

from cryptex.protocol.amounts import SCALE

_SCALE_MINUS_ONE: Final = SCALE - 1


def fee_units(received_units: int, rate_e8: int) -> int:
    """Return the fee on what is received, rounded up to the atomic unit."""
    return (received_units * rate_e8 + _SCALE_MINUS_ONE) // SCALE


def lots_affordable(quote_units: int, lot_price_units: int) -> int:
    """Return how many whole lots `quote_units` buy at a price per lot, rounded down."""
    return quote_units // lot_price_units


def band_ceiling_ticks(weighted_ticks: int, weight_lots: int, band_e8: int) -> int:
    """Return the highest price a buy may reach: reference x (1 + band), rounded down to the tick.

    The reference is weighted_ticks / weight_lots.
    """
    return weighted_ticks * (SCALE + band_e8) // (weight_lots * SCALE)


def band_floor_ticks(weighted_ticks: int, weight_lots: int, band_e8: int) -> int:
    """Return the lowest price a sell may reach: reference x (1 - band), rounded up to the tick, at least 0."""
    return max(0, -(-weighted_ticks * (SCALE - band_e8) // (weight_lots * SCALE)))
