"""How numbers, times and outcomes are written on screens. Pure; numbers are right-aligned by their callers."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

from cryptex.protocol.printable import INVISIBLE, is_harmless

NOTHING: Final = "—"
UP: Final = "▲"
DOWN: Final = "▼"
FLAT: Final = "•"
_SECONDS_PER_MINUTE: Final = 60
_SECONDS_PER_HOUR: Final = 3600
_UNITS: Final = ((Decimal(10**9), "G", 2), (Decimal(10**6), "M", 2))
_KILO_FROM: Final = Decimal(10**4)
_CONTROL_REPLACEMENT: Final = "·"
WIDE: Final = Context(prec=80)
"""Price times size has more digits than decimals are rounded to by default; rounding them there is an error."""


@lru_cache(maxsize=256)
def places_of(step: Decimal) -> int:
    """Return the decimals of a tick or lot size."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@lru_cache(maxsize=4096)
def number(value: Decimal | None, places: int) -> str:
    """Return `61,234.50`, rounded half up to `places`; a dash for nothing."""
    if value is None:
        return NOTHING
    return f"{value.quantize(_step(places), ROUND_HALF_UP, WIDE):,f}"


def floored(value: Decimal, places: int) -> str:
    """Return a number rounded down: what one has is never shown as more than it is."""
    return f"{value.quantize(_step(places), ROUND_DOWN, WIDE):,f}"


def short_amount(value: Decimal) -> str:
    """Return an amount that one has, rounded down to about eight digits: `99,965.23`, `0.41852`."""
    whole = len(str(int(value)))
    return split_zeros(floored(value, max(2, 8 - whole)))[0]


def short(value: Decimal | None) -> str:
    """Return a volume in few characters: `2.50 M`, `12.3 k`, `1,284.55`, `0.5120`."""
    if not value:
        return NOTHING if value is None else "0"
    for unit, name, places in _UNITS:
        if abs(value) >= unit:
            return f"{value / unit:.{places}f} {name}"
    if abs(value) >= _KILO_FROM:
        return f"{value / 1000:.1f} k"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"


def signed_percent(value: Decimal | None) -> str:
    """Return `+1.24%`, with its sign always."""
    return NOTHING if value is None else f"{value:+.2f}%"


def signed(value: Decimal, places: int) -> str:
    """Return `+744.10`, with its sign always."""
    return f"{value.quantize(_step(places), ROUND_HALF_UP, WIDE):+,f}"


def arrow(value: Decimal | int | None) -> str:
    """Return the arrow of a change."""
    if value is None or value == 0:
        return FLAT
    return UP if value > 0 else DOWN


def split_zeros(text: str) -> tuple[str, str]:
    """Return a number's telling part and its trailing zeros, so that the latter can be drawn faintly."""
    if "." not in text:
        return text, ""
    told = text.rstrip("0").rstrip(".")
    return told, text[len(told) :]


def trimmed(value: Decimal, places: int) -> str:
    """Return a number without trailing zeros: `0.5`."""
    return split_zeros(number(value, places))[0]


def age(seconds: float) -> str:
    """Return `12 s`, `3 min` or `2 h`."""
    whole = max(0, int(seconds))
    if whole < _SECONDS_PER_MINUTE:
        return f"{whole} s"
    if whole < _SECONDS_PER_HOUR:
        return f"{whole // _SECONDS_PER_MINUTE} min"
    return f"{whole // _SECONDS_PER_HOUR} h"


def clock(moment: datetime) -> str:
    """Return the time of day in UTC."""
    return moment.astimezone(UTC).strftime("%H:%M:%S")


def words(code: str) -> str:
    """Return a code such as `partially_filled` as words."""
    return code.replace("_", " ")


def plain(text: str, length_max: int = 400) -> str:
    """Return text from outside made harmless for a terminal: control characters replaced, length bounded."""
    return "".join(c if is_harmless(c) else _CONTROL_REPLACEMENT for c in text[:length_max])


def harmless(text: str) -> str:
    """Return text that is about to be drawn, as wide as it was, without what a terminal would obey or hide.

    What comes from outside has been through `plain` already: this is the last door, for what was forgotten.
    """
    if text.isprintable() and (text.isascii() or INVISIBLE.isdisjoint(text)):
        return text
    return "".join(c if is_harmless(c) else _CONTROL_REPLACEMENT for c in text)


def fitted(text: str, width: int) -> str:
    """Return text cut to `width` cells with an ellipsis where something was lost."""
    if len(text) <= width:
        return text
    return text[: width - 1] + "…" if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """Return text broken at spaces into rows of at most `width` cells; a longer word is broken inside."""
    rows = [""]
    for word in text.split(" "):
        rest = word
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(rest) > width:
            rows.append("")
        rows[-1] += f" {rest}" if rows[-1] else rest
        while cell_len(rows[-1]) > width:
            rows[-1:] = [rows[-1][:width], rows[-1][width:]]
            if len(rows) > width:
                return rows
    return rows


@lru_cache(maxsize=32)
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
