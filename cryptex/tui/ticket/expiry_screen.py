"""Asks until when an order lives, and says what was understood."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final

from cryptex.tui.drawing.prompt_screen import PromptScreen
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.ticket.expiry import HOW, expiry_at, until_text

_LENGTH_MAX: Final = 32


class ExpiryScreen(PromptScreen):
    """Gives the text that was typed once it is a time to come; nothing when the user leaves."""

    VERB: ClassVar = "takes it"

    def __init__(self, typed: str, now: Callable[[], datetime]) -> None:
        super().__init__("Good until", typed, length_max=_LENGTH_MAX, notes=(HOW,))
        self._now = now

    def understood(self, typed: str) -> str:
        """Return the text, if it is a time to come."""
        return typed.strip() if isinstance(expiry_at(typed, self._now()), datetime) else ""

    def about(self, typed: str, *, sent: bool) -> tuple[str, Ink]:
        """Return which time is understood, or what is wrong."""
        found = expiry_at(typed, self._now())
        return found if isinstance(found, str) else f"until {until_text(found, self._now())}", Ink.MUTED
