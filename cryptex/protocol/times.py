"""Times: integer nanoseconds since 1970 inside, RFC 3339 UTC with microseconds outside."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND

TIME_TEXT_LENGTH_MAX: Final = 40
_MICROSECONDS_MAX: Final = AMOUNT_LIMIT // 1000
_SECOND_MICROSECONDS: Final = 1_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
"""`fromisoformat` alone also takes weeks, missing parts and a trailing NUL."""


@lru_cache(maxsize=64)
def _second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)  # a command's time is said by its order, its fills and its reply
def time_text(time_ns: int) -> str:
    """Return `2026-11-22T15:40:03.123456Z` for nanoseconds since 1970."""
    seconds, rest_ns = divmod(time_ns, NANOSECONDS_PER_SECOND)
    microseconds = str(
        _SECOND_MICROSECONDS + rest_ns // 1000
    )  # a one and six digits: a format takes five times as long
    return f"{_second_text(seconds)}.{microseconds[1:]}Z"


def time_ns(text: str) -> int:
    """Return nanoseconds since 1970 for an RFC 3339 text with a zone.

    Raises ValueError for anything else, and for times before 1970 or beyond what the exchange can count.
    """
    if len(text) > TIME_TEXT_LENGTH_MAX:
        raise ValueError("a time is at most 40 characters")
    if _RFC_3339.fullmatch(text) is None:
        raise ValueError("a time is written as 2026-11-22T15:40:03Z")
    microseconds = (datetime.fromisoformat(text.upper()) - _EPOCH) // _MICROSECOND
    if not 0 <= microseconds < _MICROSECONDS_MAX:
        raise ValueError("a time lies between 1970 and 2116")
    return microseconds * 1000
