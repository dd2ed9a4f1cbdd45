"""Alerts on a market and on own fills: the language of their rules, and when they fire. Pure.

A rule is a value of the market, a comparison and a number, such as `price>61000`; or `fill`, for each own fill.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cryptex.client.models import Ticker

ALERTS_MAX: Final = 100
"""Rules that are watched at a time, at most."""

RULE_LENGTH_MAX: Final = 60


class Subject(StrEnum):
    """What of a market a rule looks at."""

    PRICE = "price"
    BID = "bid"
    ASK = "ask"
    SPREAD = "spread"
    CHANGE_PERCENT = "change_percent"
    VOLUME = "volume"


class Comparison(StrEnum):
    """How a rule compares, the longer signs first: `>=` begins with `>`."""

    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        """Return whether a value is on this side of a bound."""
        if self is Comparison.ABOVE:
            return value > bound
        if self is Comparison.BELOW:
            return value < bound
        return value >= bound if self is Comparison.AT_LEAST else value <= bound


@dataclass(frozen=True, slots=True)
class Condition:
    """A value of a market on one side of a bound."""

    subject: Subject
    comparison: Comparison
    bound: Decimal

    def __str__(self) -> str:
        return f"{self.subject} {self.comparison} {self.bound:f}"

    def holds(self, value: Decimal) -> bool:
        """Return whether it is true of a value."""
        return self.comparison.holds(value, self.bound)


@dataclass(frozen=True, slots=True)
class OnFill:
    """Each own fill."""

    def __str__(self) -> str:
        return FILL


Rule = Condition | OnFill

FILL: Final = "fill"
UNDERSTOOD: Final = f"{', '.join(Subject)} with >, >=, < or <= and a number, such as price>61000; or {FILL}"
"""All rules, in words."""

_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,8})?", re.ASCII)


class RuleFlaw(ValueError):
    """A text is no rule; says why. `UNDERSTOOD` says what would be one."""


def parse_rule(text: str) -> Rule:
    """Return the rule that a text means; blanks do not matter. Raises RuleFlaw."""
    if len(text) > RULE_LENGTH_MAX:
        raise RuleFlaw(f"it is longer than {RULE_LENGTH_MAX} characters")
    plain = text.strip().lower()
    if plain == FILL:
        return OnFill()
    for comparison in Comparison:
        name, sign, number = plain.partition(comparison)
        if sign:
            return Condition(_subject(name.strip()), comparison, _bound(number.strip()))
    if not plain:
        raise RuleFlaw("it is empty")
    raise RuleFlaw("it has no >, >=, < or <=")


def reading(ticker: Ticker, subject: Subject) -> Decimal | None:
    """Return what a ticker says of a subject; None where it says nothing, such as a spread of an empty side."""
    match subject:
        case Subject.PRICE:
            return ticker.last
        case Subject.BID:
            return ticker.best_bid
        case Subject.ASK:
            return ticker.best_ask
        case Subject.CHANGE_PERCENT:
            return ticker.change_percent
        case Subject.VOLUME:
            return ticker.volume
        case Subject.SPREAD:
            if ticker.best_bid is None or ticker.best_ask is None:
                return None
            return ticker.best_ask - ticker.best_bid


class Alarm:
    """A condition that is watched: it fires when it becomes true, and again only once it was false in between.

    It fires at once where it is true already.
    """

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.seen = False
        """Whether it has judged a value yet."""
        self._met = False

    def see(self, value: Decimal | None) -> bool:
        """Return whether this value fires it. An unknown value changes nothing."""
        if value is None:
            return False
        self.seen = True
        before, self._met = self._met, self.condition.holds(value)
        return self._met and not before


def _subject(name: str) -> Subject:
    try:
        return Subject(name)
    except ValueError:
        flaw = f"{name!r} is not a value of a market" if name else "it names no value before the sign"
        raise RuleFlaw(flaw) from None


def _bound(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise RuleFlaw(f"{text!r} is not a number such as 61000 or 0.5" if text else "it has no number after the sign")
    return Decimal(text)
