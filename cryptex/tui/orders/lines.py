"""How rows of open orders are drawn. Pure."""

from typing import Final

from cryptex.protocol.terms import OrderType
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Line, Span
from cryptex.tui.drawing.sides import INKS, side_text
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import Terms
from cryptex.tui.orders.rows import Row
from cryptex.tui.orders.safeguards import Guard, Safeguards

FULL_FROM: Final = 76
"""Width from which every column is shown."""
CANCEL_WIDTH: Final = 2
"""Cells at the end of a row where a click cancels its order."""
_WIDE_FROM: Final = 110
_STATUS: Final = 9
_LONG_STATUS: Final = 11
_LONG_STATUS_FROM: Final = 50
_TYPES: Final = {
    OrderType.LIMIT: "limit",
    OrderType.MARKET: "market",
    OrderType.STOP: "stop",
    OrderType.STOP_LIMIT: "stop limit",
}
_SHORT: Final = {"submitting": "sending"}
"""On the narrowest screens."""
_CANCEL: Final = " ✕"
_GUARD_FORMS: Final = (
    (tuple(map(str, Guard)), False),
    (("on loss", "dead man"), False),
    (("on loss", "dead man"), True),
    (("loss", "dead"), True),
)
"""Names of the switches, and whether their states are told briefly; longest first."""
_BRIEF_STATES: Final = {"not confirmed": "unsure", "has fired": "fired"}


def heading(width: int) -> Line:
    """Return the headings of the columns."""
    if width < FULL_FROM:
        price, size = _brief_columns(width)
        text = f"{'Side':<6}{'Price'.rjust(price)}{'Size'.rjust(size)}{'Status'.rjust(_status_width(width))}"
    else:
        extra = _extra(width)
        text = f"{'Id':>6} {'Market':<9}{'Side':<7}{'Type':<11}{'Price'.rjust(11 + extra)}"
        text += f"{'Stop'.rjust(13)}" if extra else ""
        text += f"{'Size'.rjust(12 + extra)}{' Filled' if extra else ' Done'}"
        text += f"  {'Force':<9}" if extra else ""
        text += "  Status"
    return (Span(text, Ink.FAINT),)


def row_line(row: Row, terms: Terms | None, width: int) -> Line:
    """Return a row as a line, a mark to cancel it at its end."""
    drawn = _full(row, terms, width) if width >= FULL_FROM else _brief(row, terms, width)
    used = sum(len(span.text) for span in drawn)
    return (*drawn, Span(" " * max(0, width - used - CANCEL_WIDTH)), Span(_CANCEL, Ink.FAINT))


def guards_line(safeguards: Safeguards, caps: dict[Guard, str], width: int) -> Line:
    """Return the switches with their keys, in words that the width has room for; `guard_at` knows where they stand."""
    line: Line = ()
    for names, briefly in _GUARD_FORMS[0 if width >= FULL_FROM else 1 :]:
        line = _guards(safeguards, caps, names, briefly=briefly)
        if len("".join(span.text for span in line).rstrip()) <= width:
            break
    return line


def _guards(safeguards: Safeguards, caps: dict[Guard, str], names: tuple[str, ...], *, briefly: bool) -> Line:
    line: Line = ()
    for guard, name in zip(Guard, names, strict=True):
        on, state = safeguards.is_on(guard), safeguards.text(guard)
        line += (
            Span(f"{caps.get(guard, '')} ".lstrip(), Ink.ACCENT),
            Span(f"{name} ", Ink.TEXT if on else Ink.MUTED),
            Span(_BRIEF_STATES.get(state, state.removeprefix("in ")) if briefly else state, _guard_ink(on), bold=on),
            Span("   ", Ink.FAINT),
        )
    return line


def _guard_ink(on: bool) -> Ink:
    return Ink.ACCENT if on else Ink.FAINT


def guard_at(line: Line, x: int) -> Guard | None:
    """Return the switch that a cell of the line of switches belongs to."""
    half = len(line) // len(Guard)
    end = 0
    for at, guard in enumerate(Guard):
        end += sum(len(span.text) for span in line[at * half : (at + 1) * half])
        if x < end:
            return guard
    return None


def _full(row: Row, terms: Terms | None, width: int) -> Line:
    price, size, filled = _numbers(row, terms)
    extra = _extra(width)
    stop = ""
    if row.stop_price is not None:
        price = "market" if row.price is None and extra else price
        stop = texts.number(row.stop_price, terms.price_places if terms else 8)
    return (
        Span(f"{'' if row.order is None else row.order.id:>6} ", Ink.MUTED),
        Span(f"{row.market:<9}"),
        _side(row, 7),
        Span(f"{_TYPES[row.type]:<11}", Ink.MUTED),
        Span(price.rjust(11 + extra), Ink.BRIGHT),
        *((Span(stop.rjust(13), Ink.MUTED),) if extra else ()),
        *_zeros(size, 12 + extra),
        Span(filled.rjust(7 if extra else 5)),
        Span(f"  {_flags(row):<9}" if extra else "", Ink.MUTED),
        Span(f"  {row.status}", row.ink),
    )


def _brief(row: Row, terms: Terms | None, width: int) -> Line:
    price, size, filled = _numbers(row, terms)
    price_width, size_width = _brief_columns(width)
    plain, status = row.ink is Ink.MUTED, _status_width(width)
    told = filled if plain and (row.filled or row.is_waiting) else row.status
    if status < _LONG_STATUS:
        told = _SHORT.get(told, told)
    return (
        _side(row, 6),
        Span(price.rjust(price_width), Ink.BRIGHT),
        *_zeros(size, size_width),
        Span(told.rjust(status), Ink.TEXT if plain else row.ink),
    )


def _brief_columns(width: int) -> tuple[int, int]:
    room = max(0, width - 6 - _status_width(width) - CANCEL_WIDTH)
    return room - room // 2, room // 2


def _status_width(width: int) -> int:
    return _LONG_STATUS if width >= _LONG_STATUS_FROM else _STATUS


def _extra(width: int) -> int:
    return 4 if width >= _WIDE_FROM else 0


def _numbers(row: Row, terms: Terms | None) -> tuple[str, str, str]:
    """Return price, size and filled share as text."""
    price = row.price if row.price is not None else row.stop_price
    shown = texts.number(price, terms.price_places if terms else 8) if price is not None else "market"
    size = row.size if row.size is not None else row.quote_size
    filled = int(row.filled * 100 / row.size) if row.size else 0
    places = 2 if row.size is None else terms.size_places if terms else 8
    return (
        shown,
        texts.number(size, places),
        "stop" if row.is_waiting else f"{filled}%" if filled or not row.filled else "<1%",
    )


def _side(row: Row, width: int) -> Span:
    return Span(side_text(row.side).ljust(width), INKS[row.side])


def _flags(row: Row) -> str:
    return f"{row.time_in_force.value}{' post' if row.post_only else ''}"


def _zeros(number: str, width: int) -> tuple[Span, Span]:
    told, zeros = texts.split_zeros(number)
    return Span(told.rjust(width - len(zeros))), Span(zeros, Ink.FAINT)
