"""The lines under the ticket's button: estimate, warnings, what became of the last order. Pure but for the widget."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import Drawn, Line, Span
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import TONE_INKS, Terms
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.ticket.caution import Caution
from cryptex.tui.ticket.estimate import Estimate

_MARKS: Final = {Phase.FLAWED: "✗", Phase.SUBMITTING: "…", Phase.DONE: "✓", Phase.REJECTED: "✗", Phase.UNKNOWN: "!"}
_ALONE: Final = frozenset({Phase.REJECTED, Phase.UNKNOWN})
"""What stands alone: the reason whole."""
_ROWS_MAX: Final = 8
_ROWS_BESIDE: Final = 2
"""Rows of an outcome that stands under an estimate."""
_SEPARATOR: Final = "  "


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say; `hints` where there is no order to estimate yet."""

    terms: Terms | None = None
    estimate: Estimate | None = None
    cautions: tuple[Caution, ...] = ()
    outcome: Outcome | None = None
    hints: tuple[str, ...] = ()
    note: str = ""
    """What else an amendment means."""
    again: str = ""
    """How to try again what was rejected."""


class _Piece(NamedTuple):
    """A line and how much it matters; the lowest number stays longest."""

    rank: int
    line: Line


def foot_lines(told: Told, width: int, height: int) -> list[Line]:
    """Return the lines that matter most, as many as there is room for, in their usual order."""
    outcome = told.outcome
    if outcome is not None and outcome.phase in _ALONE:
        # the reason whole; the next change of the form takes it away
        return _outcome(outcome, width, height, told.again if outcome.can_repeat else "")
    pieces = _estimate(told.estimate, told.terms, width)
    for at, caution in enumerate(told.cautions):
        pieces.append(_Piece(5 if at else 1, (Span(_cut(f"! {caution.text}", width), Ink.ACCENT),)))
    if told.note:
        pieces.append(_Piece(3, (Span(_cut(told.note, width), Ink.INFO),)))
    if outcome is not None:
        pieces += [_Piece(0, line) for line in _outcome(outcome, width, min(height, _ROWS_BESIDE))]
    elif not pieces:
        pieces = [_Piece(9, (Span(_cut(hint, width), Ink.FAINT),)) for hint in told.hints]
    kept = sorted(range(len(pieces)), key=lambda at: (pieces[at].rank, at))[: max(0, height)]
    return [pieces[at].line for at in sorted(kept)]


class Foot(Drawn):
    """Draws `told`."""

    DEFAULT_CSS = "Foot { height: 1fr; width: 1fr; background: $surface; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__(id="foot")
        self.told = Told()

    @property
    def tells_outcome(self) -> bool:
        """Whether it tells of an order alone, which is true whatever the book is."""
        return self.told.outcome is not None and self.told.outcome.phase in _ALONE

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw what is to be told."""
        return foot_lines(self.told, width, height)


def _estimate(found: Estimate | None, terms: Terms | None, width: int) -> list[_Piece]:
    if found is None or terms is None:
        return []
    told = texts.number(found.notional, 2) if found.notional >= 1 else texts.trimmed(found.notional, 8)
    cost = f"{told} {terms.quote}"
    fee = f"fee {texts.trimmed(found.fee, 8)} {found.fee_asset}"
    first: Line = (Span("≈ ", Ink.MUTED), Span(cost, Ink.BRIGHT), Span(f"{_SEPARATOR}{fee}", Ink.MUTED))
    if sum(len(span.text) for span in first) > width:
        first = first[:2]
    fills, left = _fills(found, terms), _left(found)
    if left and fills and len(fills) + len(_SEPARATOR) + len(left) <= width:
        return [_Piece(2, first), _Piece(3, (Span(f"{fills}{_SEPARATOR}{left}", Ink.MUTED),))]
    pieces = [_Piece(2, first)]
    pieces += [_Piece(3, (Span(_cut(fills, width), Ink.MUTED),))] if fills else []
    return pieces + ([_Piece(4, (Span(_cut(left, width), Ink.MUTED),))] if left else [])


def _fills(found: Estimate, terms: Terms) -> str:
    if found.average is None or found.slippage_bp is None:
        return ""
    text = f"avg {texts.number(found.average, terms.price_places)} {found.slippage_bp:+.1f} bp"
    return f"{texts.trimmed(found.taken, terms.size_places)} at {text}" if found.rests else text


def _left(found: Estimate) -> str:
    if found.left is None or found.left < 0:
        return ""
    return f"leaves {texts.short_amount(found.left)} {found.spent}"


def _outcome(outcome: Outcome, width: int, height: int, again: str = "") -> list[Line]:
    """Return the outcome in at most `height` rows; the activity log has it whole."""
    rows = texts.wrapped(texts.plain(f"{_MARKS[outcome.phase]} {outcome.text}{outcome.advice}{again}"), max(8, width))
    if len(rows) > height:
        rows = [*rows[: max(0, height - 1)], _cut(" ".join(rows[max(0, height - 1) :]), width)]
    return [(Span(row, TONE_INKS[outcome.tone]),) for row in rows[: min(height, _ROWS_MAX)]]


def _cut(text: str, width: int) -> str:
    return texts.fitted(text, width)
