"""The alerts that are set, and whether they have fired. Pure."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cryptex.client.alerts import ALERTS_MAX, Alarm, Condition

FILLS_MAX: Final = 100
"""Fills that wait to be told, at most."""


@dataclass(slots=True)
class Alert:
    """A condition on a market; `fired_at` is when it last came true, as text, or empty."""

    number: int
    market: str
    alarm: Alarm
    fired_at: str = ""

    @property
    def rule(self) -> Condition:
        """The condition."""
        return self.alarm.condition


class AlertBook:
    """Alerts in the order in which they were set, each once, and whether own fills are told. `changed` hears of all."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.on_fills = True
        self.fills: deque[str] = deque(maxlen=FILLS_MAX)
        """Own fills that were not told yet, in words, the newest last."""
        self._changed = changed
        self._alerts: dict[int, Alert] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._alerts.values())

    def __len__(self) -> int:
        return len(self._alerts)

    def get(self, number: int) -> Alert | None:
        """Return the alert of a number, if there is one."""
        return self._alerts.get(number)

    def looks_at(self, market: str) -> bool:
        """Return whether an alert is on a market."""
        return any(alert.market == market for alert in self)

    def add(self, market: str, rule: Condition) -> str:
        """Set an alert; returns why it is not set, or nothing."""
        if any((alert.market, alert.rule) == (market, rule) for alert in self):
            return f"{market} {rule} is set already"
        if len(self) >= ALERTS_MAX:
            return f"there are {ALERTS_MAX} alerts: delete one first"
        self._alerts[self._next] = Alert(self._next, market, Alarm(rule))
        self._next += 1
        self._changed()
        return ""

    def remove(self, number: int) -> Alert | None:
        """Delete an alert and return it; None where there is none of this number."""
        gone = self._alerts.pop(number, None)
        if gone is not None:
            self._changed()
        return gone

    def turn_fills(self, on: bool) -> None:
        """Tell own fills, or no longer."""
        self.on_fills = on
        self._changed()

    def see(self, alert: Alert, value: Decimal | None, time: str) -> bool:
        """Return whether a value fires an alert; it is marked with the time."""
        fires = alert.alarm.see(value)
        if fires:
            alert.fired_at = time
            self._changed()
        return fires
