"""Lengths of time as people write them: 90s, 30m, 8h; in scenarios 500ms, 1.5h and 7d too."""

import re
from typing import Final

from cryptex.protocol.problems import invalid

_MS: Final = 1_000_000
_UNITS_NS: Final = {"ms": _MS, "s": 1_000 * _MS, "m": 60_000 * _MS, "h": 3_600_000 * _MS, "d": 86_400_000 * _MS}
_DIGITS: Final = 9
_ONE: Final = 10**_DIGITS
_DURATION: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?(ms|s|m|h|d)", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,9}[smh]", re.ASCII)


def duration_ns(text: str, field: str = "duration") -> int:
    """Return a length of time in nanoseconds, what is finer than one left out.

    Raises Refusal(invalid_request) that names the field.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise invalid(field, f"{field} must be a number and ms, s, m, h or d, such as 8h, not {text[:40]!r}")
    whole, fraction, unit = match.groups(default="")
    return int(whole + fraction.ljust(_DIGITS, "0")) * _UNITS_NS[unit] // _ONE


def duration_seconds(text: str, field: str, most: int) -> int:
    """Return a length of time in whole seconds, 1 to `most`. Raises Refusal(invalid_request) that names the field."""
    if not _WHOLE.fullmatch(text):
        raise invalid(field, f"{field} must be a whole number and s, m or h, such as 30s, not {text[:40]!r}")
    seconds = duration_ns(text, field) // _UNITS_NS["s"]
    if not 1 <= seconds <= most:
        raise invalid(field, f"{field} must be 1s to {most}s, not {text}")
    return seconds
