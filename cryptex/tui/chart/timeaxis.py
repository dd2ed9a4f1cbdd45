"""Labels of the time axis: round times in UTC. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cryptex.tui.chart.slots import Slot

_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
_WEEK_S: Final = 7 * _DAY_S
_MONDAY_S: Final = 4 * _DAY_S
_STEPS_S: Final = (
    *(minutes * _MINUTE_S for minutes in (1, 5, 10, 15, 30)),
    *(hours * _HOUR_S for hours in (1, 2, 4, 6, 12)),
    _DAY_S,
    2 * _DAY_S,
    *(weeks * _WEEK_S for weeks in (1, 2, 4, 13, 26, 52)),
)
LABEL_CELLS: Final = 6
"""The widest label and the space after it, at least."""


def label_step_s(length_s: int, pitch: int) -> int:
    """Return the seconds from one label to the next, for intervals of a length that are `pitch` cells apart."""
    least_s = length_s * -(-2 * LABEL_CELLS // pitch)
    return next((step for step in _STEPS_S if step >= least_s), _STEPS_S[-1])


def moment(time_s: int, length_s: int) -> str:
    """Return when a candle begins, in full: `26 Nov 15:40`, or `26 Nov 2026` where it lasts a day or more."""
    time = datetime.fromtimestamp(time_s, UTC)
    return f"{time.day} {time.strftime('%b %Y' if length_s >= _DAY_S else '%b %H:%M')}"


def labels(slots: Sequence[Slot], length_s: int, pitch: int) -> list[tuple[int, str]]:
    """Return labels as (place in `slots`, text): where a round time begins, and the date where a day does."""
    step_s = label_step_s(length_s, pitch)
    shift_s = _MONDAY_S if step_s >= _WEEK_S else 0
    out: list[tuple[int, str]] = []
    for place in range(1, len(slots)):
        before_s, start_s = slots[place - 1].start_s, slots[place].start_s
        if (before_s - shift_s) // step_s == (start_s - shift_s) // step_s:
            continue
        text, dated = _label(before_s, start_s)
        if out and (place - out[-1][0]) * pitch <= len(out[-1][1]):
            if not dated:
                continue
            out.pop()  # the date says more
        out.append((place, text))
    return out


def _label(before_s: int, start_s: int) -> tuple[str, bool]:
    """Return `15:40`, or `26 Nov` where a day begins, or the year where a year does; and whether it is a date."""
    before, time = datetime.fromtimestamp(before_s, UTC), datetime.fromtimestamp(start_s, UTC)
    if before.year != time.year:
        return str(time.year), True
    if before.date() != time.date():
        return f"{time.day} {time.strftime('%b')}", True
    return time.strftime("%H:%M"), False
