"""Decimal text to whole numbers and back: the only place where money changes its form.

Outside, amounts are decimal text. Inside, they are whole numbers of a step (ticks, lots, atomic units). What comes
in is bounded by length and pattern before any arithmetic, so that no input can cost more than a few microseconds.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Raw

from cryptex.protocol.problems import Code, Refusal

WHOLE_DIGITS_MAX: Final = 18
FRACTION_DIGITS_MAX: Final = 8
AMOUNT_LENGTH_MAX: Final = WHOLE_DIGITS_MAX + 1 + FRACTION_DIGITS_MAX
SCALE: Final = 100_000_000
"""Text becomes a whole number of 1e-8 first; every step of every asset and market is a multiple of it."""

_AMOUNT: Final = re.compile(rf"([0-9]{{1,{WHOLE_DIGITS_MAX}}})(?:\.([0-9]{{1,{FRACTION_DIGITS_MAX}}}))?", re.ASCII)
TEXTS_CACHED_MAX: Final = 1 << 15
"""Prices and sizes come back again and again: as many of them are converted once, each way."""

NO_AMOUNT: Final = Raw(b"")
"""What a form holds of an amount that was not given."""

POWERS_OF_TEN: Final[tuple[int, ...]] = tuple(int("1" + "0" * digits) for digits in range(WHOLE_DIGITS_MAX + 1))


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def scaled(text: str, field: str) -> int:
    """Return the amount in `text` as a whole number of 1e-8.

    Raises Refusal(invalid_request) that names `field` unless the text is digits with an optional point, at most 18
    digits before and 8 after it: no sign, exponent, NaN or Infinity.
    """
    match = _AMOUNT.fullmatch(text) if len(text) <= AMOUNT_LENGTH_MAX else None
    if match is None:
        raise Refusal(
            Code.INVALID_REQUEST,
            f"{field} must be a decimal amount: digits, at most {WHOLE_DIGITS_MAX} before the point "
            f"and {FRACTION_DIGITS_MAX} after it, without sign or exponent",
            field=field,
        )
    whole, fraction = match.groups()
    if fraction is None:
        return int(whole) * SCALE
    return int(whole) * SCALE + int(fraction) * POWERS_OF_TEN[FRACTION_DIGITS_MAX - len(fraction)]


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def decimal_text(units: int, decimals: int) -> str:
    """Return `units` of 10**-decimals as text with exactly that many decimals; negative units get a sign."""
    if decimals == 0:
        return str(units)
    if units < 0:
        return f"-{decimal_text(-units, decimals)}"
    digits = str(units)
    if len(digits) <= decimals:
        digits = digits.zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


@lru_cache(maxsize=TEXTS_CACHED_MAX)
def raw_amount(raw: bytes, field: str) -> str:
    """Return the text of a JSON number or string as it was written, without its quotes.

    Raises Refusal(invalid_request) that names `field` for anything that is too long or not ASCII.
    """
    if raw[:1] == b'"' and raw[-1:] == b'"' and len(raw) >= 2:
        raw = raw[1:-1]
    if 0 < len(raw) <= AMOUNT_LENGTH_MAX and raw.isascii():
        return raw.decode("ascii")
    raise Refusal(
        Code.INVALID_REQUEST,
        f"{field} must be a decimal amount of at most {AMOUNT_LENGTH_MAX} characters",
        field=field,
    )


def amount_text(raw: Raw, field: str) -> str | None:
    """Return the text of an amount field, or None where it was not given (or null). Raises Refusal."""
    if raw is NO_AMOUNT:
        return None
    data = bytes(raw)
    return None if data in (b"", b"null") else raw_amount(data, field)
