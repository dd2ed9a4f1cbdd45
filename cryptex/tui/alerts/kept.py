"""The alerts as a file keeps them."""

from typing import Final

import msgspec

from cryptex.client.alerts import ALERTS_MAX, Condition, parse_rule
from cryptex.tui.alerts.book import AlertBook

FILE_NAME: Final = "alerts.toml"


class KeptAlerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether own fills are told, and the rules of each market."""

    fills: bool = True
    markets: dict[str, list[str]] = {}

    def __post_init__(self) -> None:
        if sum(map(len, self.markets.values())) > ALERTS_MAX:
            raise ValueError(f"more than {ALERTS_MAX} alerts")
        for market, rules in self.markets.items():
            if not market.isprintable():
                raise ValueError("a market's name cannot be printed")
            for rule in rules:
                condition_of(rule)


def condition_of(text: str) -> Condition:
    """Return the condition that a text means. Raises ValueError."""
    rule = parse_rule(text)
    if not isinstance(rule, Condition):
        raise ValueError(f"{text!r} is not about a market")
    return rule


def kept(book: AlertBook) -> KeptAlerts:
    """Return what the file shall hold."""
    markets: dict[str, list[str]] = {}
    for alert in book:
        markets.setdefault(alert.market, []).append(str(alert.rule))
    return KeptAlerts(book.on_fills, markets)


def fill_book(book: AlertBook, found: KeptAlerts) -> None:
    """Set what the file holds."""
    book.turn_fills(found.fills)
    for market, rules in found.markets.items():
        for rule in rules:
            book.add(market, condition_of(rule))
