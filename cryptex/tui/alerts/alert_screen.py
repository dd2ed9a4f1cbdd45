"""Asks for the rule of an alert, and says while it is typed what is wrong with it."""

from typing import ClassVar, Final

from cryptex.client.alerts import RULE_LENGTH_MAX, RuleFlaw, parse_rule
from cryptex.tui.drawing.prompt_screen import PromptScreen
from cryptex.tui.drawing.theme import Ink

_HOW: Final = ("price, bid, ask, spread, change_percent or volume,", "then > >= < or <= and a number; or fill.")


class AlertScreen(PromptScreen):
    """Gives a rule that is understood, or nothing when the user leaves."""

    VERB: ClassVar = "sets it"

    def __init__(self, market: str, proposed: str, where: str) -> None:
        super().__init__(f"Alert on {market} when", proposed, length_max=RULE_LENGTH_MAX, notes=(*_HOW, where))

    def understood(self, typed: str) -> str:
        """Return the rule, if it is one."""
        return "" if _flaw(typed) else typed

    def about(self, typed: str, *, sent: bool) -> tuple[str, Ink]:
        """Return what is wrong so far; nothing is only once it is sent."""
        return _flaw(typed) if sent or typed.strip() else "", Ink.ACCENT


def _flaw(text: str) -> str:
    try:
        parse_rule(text)
    except RuleFlaw as flaw:
        return str(flaw)
    return ""
