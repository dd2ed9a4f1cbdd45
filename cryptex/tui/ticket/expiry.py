"""Until when a good-till-date order lives: typed as a length of time or as a time in UTC. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptex.protocol.durations import duration_ns
from cryptex.protocol.problems import Refusal
from cryptex.tui.drawing import texts

DAYS_MAX: Final = 3650
"""The furthest away that the ticket takes."""
DEFAULT: Final = "1h"
HOW: Final = "15m, 2h or 1d, or a UTC time: 18:30 or 2026-11-27 18:30"
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?Z?", re.ASCII)
_LENGTH_MAX: Final = 32


def expiry_at(text: str, now: datetime) -> datetime | str:
    """Return the moment that `text` means at `now`, or what is wrong with it.

    A time of day without a date is the next such time.
    """
    typed = text.strip()
    if not typed:
        return "until when is missing"
    if len(typed) > _LENGTH_MAX:
        return f"write {HOW}"
    try:
        moment = _clock(typed, now) or _date(typed) or _later(typed.lower().replace(" ", ""), now)
    except (ValueError, OverflowError):
        return f"there is no such time as {typed}"
    if moment is None:
        return f"write {HOW}"
    if moment <= now:
        return f"{typed} has passed"
    if moment - now > timedelta(days=DAYS_MAX):
        return f"{typed} is more than {DAYS_MAX} days away"
    return moment


def until_text(moment: datetime, now: datetime) -> str:
    """Return `18:30:00 UTC`, with the date where it is not today's."""
    day = "" if moment.date() == now.date() else f"{moment:%Y-%m-%d} "
    return f"{day}{texts.clock(moment)} UTC"


def _clock(text: str, now: datetime) -> datetime | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    moment = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)


def _date(text: str) -> datetime | None:
    found = _DATE.fullmatch(text.upper())
    if found is None:
        return None
    day, minute, second = found.groups()
    return datetime.fromisoformat(f"{day}T{minute}{second or ':00'}").replace(tzinfo=UTC)


def _later(text: str, now: datetime) -> datetime | None:
    try:
        length_ns = duration_ns(text)
    except Refusal:
        return None
    return now + timedelta(microseconds=length_ns // 1000)
