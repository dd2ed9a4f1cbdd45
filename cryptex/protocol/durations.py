"""Lengths of time in settings and definitions of markets, as people write them: 30s, 5m, 1h."""

import re
from typing import Final

from cryptex.protocol.problems import Code, Refusal

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smh])", re.ASCII)


def duration_seconds(text: str, field: str, most: int) -> int:
    """Return a length of time in whole seconds, 1 to `most`. Raises Refusal(invalid_request) that names the field."""
    match = _DURATION.fullmatch(text)
    if match is None:
        detail = f"{field} must be a whole number and s, m or h, such as 30s, not {text[:40]!r}"
        raise Refusal(Code.INVALID_REQUEST, detail, field=field)
    seconds = int(match[1]) * _UNITS[match[2]]
    if not 1 <= seconds <= most:
        raise Refusal(Code.INVALID_REQUEST, f"{field} must be 1s to {most}s, not {text}", field=field)
    return seconds
