"""The ticket's own lines: estimate, button, outcome. Pure; all texts are Content without markup."""

from decimal import Decimal
from typing import Final

from textual.content import Content

from cryptex.protocol.terms import Side
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.model import Terms, Tone
from cryptex.tui.orders.outcome import Outcome, Phase
from cryptex.tui.ticket.form import Draft, Estimate, Flaw

_TONES: Final = {Tone.PLAIN: Ink.MUTED, Tone.GOOD: Ink.GOOD, Tone.BAD: Ink.BAD, Tone.WARN: Ink.ACCENT}
_MARKS: Final = {Phase.FLAWED: "✗", Phase.SUBMITTING: "…", Phase.DONE: "✓", Phase.REJECTED: "✗", Phase.UNKNOWN: "!"}


def estimate_text(found: Estimate | None, terms: Terms, available: Decimal | None, side: Side) -> Content:
    """Return the estimate: notional and fee; a warning when the book or the wallet is too small."""
    if found is None:
        return Content.styled("nothing to trade against", Ink.MUTED)
    notional = _trimmed(found.notional, 2 if found.notional >= 1 else 8)
    fee = _trimmed(found.fee, 8)
    text = Content.assemble(
        ("≈ ", Ink.MUTED),
        (f"{notional} {terms.quote}", Ink.BRIGHT),
        (f"   fee ≤ {fee} {found.fee_asset}", Ink.MUTED),
    )
    if found.short:
        size = _trimmed(found.short, terms.size_places)
        return Content.styled(f"! the book is {size} {terms.base} short", Ink.ACCENT)
    if side is Side.BUY and available is not None and found.notional > available:
        return text + Content.styled("  ! over", Ink.ACCENT)
    return text


def button_text(draft: Draft | Flaw, terms: Terms) -> str:
    """Return what Enter will do, or what is missing."""
    if isinstance(draft, Flaw):
        return draft.text
    mark = texts.UP if draft.side is Side.BUY else texts.DOWN
    summary = draft.summary(terms)
    return f"{mark} {summary[:1].upper()}{summary[1:]}"


def outcome_text(outcome: Outcome | None, length: int) -> Content:
    """Return what became of the last order, cut to `length` characters; the activity log has it whole."""
    if outcome is None:
        return Content("")
    text = texts.fitted(texts.plain(f"{_MARKS[outcome.phase]} {outcome.text}"), length)
    return Content.styled(text, _TONES[outcome.tone])


def _trimmed(value: Decimal, places: int) -> str:
    return texts.split_zeros(texts.number(value, places))[0] if places > 2 else texts.number(value, places)
