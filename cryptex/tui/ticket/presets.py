"""Sizes and prices that one key picks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cryptex.protocol.terms import Side
from cryptex.tui.drawing import texts
from cryptex.tui.model import Depth, Terms
from cryptex.tui.ticket import sizing
from cryptex.tui.ticket.caution import Confirm
from cryptex.tui.ticket.form import Form

PRESETS: Final = 4


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the user wants the ticket. `sizes` are the presets of markets, in base; others have values in quote."""

    confirm: Confirm = Confirm.RISKY
    sizes: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)


class Spot(StrEnum):
    """A price of the market that one key picks, as the label beside the price names it."""

    OWN = "own"
    MID = "mid"
    FAR = "far"
    LAST = "last"


def preset(
    form: Form, terms: Terms, depth: Depth | None, last: Decimal | None, chosen: Preferences, number: int
) -> Form | None:
    """Return the form with the size of a preset, 1 to PRESETS; None where there is none."""
    sizes = chosen.sizes.get(terms.market)
    if sizes is not None:
        return sizing.by_size(form, terms, depth, sizes[number - 1]) if number <= len(sizes) else None
    values = sizing.preset_values(terms)
    if not values:
        return sizing.by_size(form, terms, depth, terms.lot * 10 ** (number - 1))
    return sizing.by_value(form, terms, depth, last, values[number - 1])


def hints(terms: Terms, price: Decimal | None, chosen: Preferences) -> tuple[str, ...]:
    """Return what the digits do, as the empty ticket says it: `1 .0016  2 .0081`."""
    told = []
    for number in range(1, PRESETS + 1):
        form = preset(Form(price=str(price or "")), terms, None, price, chosen, number)
        if form is not None and form.size:
            told.append(f"{number} {texts.trimmed(Decimal(form.size), terms.size_places).removeprefix('0')}")
    shares = "  ".join(f"{5 + at} {percent}%" for at, percent in enumerate(sizing.SHARES))
    return ("  ".join(told), shares)


def spot_price(spot: Spot, terms: Terms, depth: Depth | None, last: Decimal | None, side: Side) -> Decimal | None:
    """Return the price of a spot: the best to join, the middle (towards one's own side), the best to take, or last."""
    own, far = sizing.touch(depth, side, far=False), sizing.touch(depth, side, far=True)
    match spot:
        case Spot.OWN:
            return own
        case Spot.FAR:
            return far
        case Spot.LAST:
            return last
        case Spot.MID:
            if own is None or far is None:
                return None
            lower, ticks = min(own, far), abs(far - own) // terms.tick
            half = ticks // 2
            return lower + (half if side is Side.BUY else ticks - half) * terms.tick


def next_spot(current: Spot | None, terms: Terms, depth: Depth | None, last: Decimal | None, side: Side) -> Spot | None:
    """Return the spot after the current one that has a price now."""
    order = list(Spot)
    start = 0 if current is None else order.index(current) + 1
    turned = [order[(start + at) % len(order)] for at in range(len(order))]
    return next((s for s in turned if spot_price(s, terms, depth, last, side) is not None), None)
