"""Widths of the ladder's columns, and sizes as texts that fit into them. Pure."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from cryptex.tui.drawing import texts
from cryptex.tui.ladder.state import Own

GUTTER: Final = 2
_OWN_FROM: Final = 46
"""Cells from which own orders have a column; below, they stand in that of the totals."""
_OWN_SHARE: Final = 30
FRONT: Final = "front"
_UNITS: Final = ((Decimal(10**9), "G"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))
_UNITS_FROM: Final = 10
_TENTH: Final = Decimal("0.1")
_BRIEF_DIGITS: Final = 5
_FEW_DIGITS: Final = 3


class Columns(NamedTuple):
    """Widths in cells, each with the gap before its text. `own` is 0 where there is no room for it."""

    price: int
    size: int
    total: int
    own: int

    @property
    def flash(self) -> tuple[int, int]:
        """Return the cells, from and to, of the size."""
        start = GUTTER + self.price + 1
        return start, start + self.size - 1


@lru_cache(maxsize=32)
def columns(width: int, price_cells: int) -> Columns:
    """Return the columns of a row that is `width` cells wide, with prices of up to `price_cells`."""
    room = max(0, width - GUTTER)
    own = room * _OWN_SHARE // 100 if width >= _OWN_FROM else 0
    room -= own
    price = min(room, max(room // 3, price_cells + 1))
    size = (room - price) // 2
    return Columns(price, size, room - price - size, own)


def decimals(largest: Decimal, places: int, room: int) -> int | None:
    """Return how many of a size's decimals a column has room for; None where not even whole numbers fit.

    `largest` is the greatest size in the column: all have the same decimals, so that their points stand in line.
    """
    whole = len(f"{int(largest):,}")
    if whole > room:
        return None
    return max(0, min(places, room - whole - 1))


@lru_cache(maxsize=4096)
def figure(size: Decimal, fit: int | None) -> tuple[str, str]:
    """Return a size rounded down to `fit` decimals, its trailing zeros apart; `<0.01` for what is too small for that.

    Where `fit` is None, the size is shortened: `12.3 k`.
    """
    if not size:
        return "", ""
    if fit is None:
        return brief(size), ""
    least = Decimal(1).scaleb(-fit)
    if size < least:
        return f"<{least:f}", ""
    return texts.split_zeros(f"{size.quantize(least, ROUND_DOWN):,f}")


def own_text(own: Own, room: int) -> str:
    """Return own size and what is ahead of it, in as many words as there is room for."""
    size = brief(own.size)
    choices = [size]
    if own.ahead is not None and not own.ahead:
        choices = [f"{size} {FRONT}", FRONT]
    elif own.ahead is not None:
        ahead = brief(own.ahead, ROUND_UP)
        about = brief(own.ahead, ROUND_UP, _FEW_DIGITS)
        choices = [f"{size} ≤ {ahead} ahead", f"{size} ≤ {ahead}", f"{size} ≤{ahead}", f"{size} ≤{about}", f"≤{about}"]
    return next((text for text in choices if len(text) <= room), "")


@lru_cache(maxsize=1024)
def brief(size: Decimal, rounding: str = ROUND_DOWN, digits: int = _BRIEF_DIGITS) -> str:
    """Return a size in at most seven characters or so, without zeros at its end: `0.5`, `12.25`, `12.3 k`."""
    for unit, name in _UNITS:
        if size >= unit * _UNITS_FROM:
            return f"{(size / unit).quantize(_TENTH, rounding):,f} {name}"
    places = max(0, digits - len(str(int(size))))
    least = Decimal(1).scaleb(-places)
    if 0 < size < least and rounding == ROUND_DOWN:
        return f"<{least:f}"
    return texts.split_zeros(f"{size.quantize(least, rounding):,f}")[0]
