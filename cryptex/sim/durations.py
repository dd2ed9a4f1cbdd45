"""Lengths of time as people write them: 8h, 30m, 90s, 1.5h."""

import re
from typing import Final

from cryptex.protocol.problems import invalid
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)", re.ASCII)


def duration_ns(text: str, field: str = "duration") -> int:
    """Return a length of time in nanoseconds. Raises Refusal(invalid_request) that names `field`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise invalid(field, f"{field} must be a number and ms, s, m, h or d, such as 8h, not {text[:40]!r}")
    number, unit = match.groups()
    return round(float(number) * _SECONDS[unit] * NANOSECONDS_PER_SECOND)
