"""Two switches that cancel orders when the terminal is gone: their state, as the node confirmed it. Pure.

Cancel on disconnect belongs to the connection, and is confirmed anew on each. The dead man's switch belongs to the
account: it fires unless it is renewed, which happens long before, and at once after a reconnect. Times are seconds of
a monotonic clock, passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

DEAD_MAN_S: Final = 60
RETRY_S: Final = 2.0
_RENEWALS: Final = 3
"""How often the switch is renewed in the time after which it would fire."""


class Guard(StrEnum):
    """The switches."""

    DISCONNECT = "cancel on disconnect"
    DEAD_MAN = "dead man's switch"


class Ask(NamedTuple):
    """A request to the node: turn a switch on or off."""

    guard: Guard
    on: bool


@dataclass(slots=True)
class _Switch:
    wanted: bool = False
    confirmed: bool | None = False
    """None while it is not known."""
    asking: bool = False
    retry_at_s: float = 0.0


@dataclass(slots=True)
class Safeguards:
    """What the user wants, what the node has confirmed, and what is to be asked for now."""

    changed: Callable[[], None] = lambda: None
    seconds: int = DEAD_MAN_S
    _switches: dict[Guard, _Switch] = field(default_factory=lambda: {guard: _Switch() for guard in Guard})
    _armed_at_s: float | None = None
    _shown_s: int | None = None

    def is_on(self, guard: Guard) -> bool:
        """Return whether a switch is on or may be: what is wanted, or what the node may still have."""
        switch = self._switches[guard]
        return switch.wanted or switch.confirmed is not False

    def toggle(self, guard: Guard) -> None:
        """Want a switch the other way."""
        switch = self._switches[guard]
        switch.wanted, switch.retry_at_s = not switch.wanted, 0.0
        self.changed()

    def due(self, now_s: float, *, live: bool) -> list[Ask]:
        """Return what to ask the node for now; it counts as being asked for."""
        self._count_down(now_s)
        if not live:
            self._lost()
            return []
        asks = [Ask(guard, s.wanted) for guard, s in self._switches.items() if self._is_due(guard, s, now_s)]
        for ask in asks:
            self._switches[ask.guard].asking = True
        return asks

    def answered(self, ask: Ask, sent_at_s: float) -> None:
        """The node did what was asked for at `sent_at_s`."""
        switch = self._switches[ask.guard]
        switch.asking, switch.confirmed = False, ask.on
        if ask.guard is Guard.DEAD_MAN:
            self._armed_at_s = sent_at_s if ask.on else None
        self.changed()

    def refused(self, ask: Ask) -> None:
        """The node does not let the user do it: what is wanted is what is."""
        switch = self._switches[ask.guard]
        switch.asking, switch.wanted = False, switch.confirmed is True
        self.changed()

    def failed(self, ask: Ask, now_s: float) -> None:
        """No answer came: it is asked for again in a while."""
        switch = self._switches[ask.guard]
        switch.asking, switch.retry_at_s = False, now_s + RETRY_S
        if ask.guard is Guard.DISCONNECT:
            switch.confirmed = None
        self.changed()

    def remaining_s(self, now_s: float) -> int | None:
        """Return after how many seconds the dead man's switch may fire at the earliest; None when it is off."""
        if self._armed_at_s is None:
            return None
        return max(0, int(self._armed_at_s + self.seconds - now_s))

    def text(self, guard: Guard) -> str:
        """Return the state of a switch: `off`, `arming`, `on`, `60 s`, `not confirmed`, `ending`."""
        switch = self._switches[guard]
        if not switch.wanted:
            return "off" if switch.confirmed is False else "ending"
        if guard is Guard.DEAD_MAN and self._shown_s is not None:
            return f"in {self._shown_s} s" if self._shown_s else "has fired"
        if switch.confirmed:
            return "on"
        return "arming" if switch.confirmed is False else "not confirmed"

    def _is_due(self, guard: Guard, switch: _Switch, now_s: float) -> bool:
        if switch.asking or now_s < switch.retry_at_s:
            return False
        if switch.confirmed is not switch.wanted:
            return True
        if guard is not Guard.DEAD_MAN or not switch.wanted or self._armed_at_s is None:
            return False
        return now_s - self._armed_at_s >= self.seconds / _RENEWALS

    def _lost(self) -> None:
        for switch in self._switches.values():
            if switch.wanted and switch.confirmed:
                switch.confirmed = None
                self.changed()

    def _count_down(self, now_s: float) -> None:
        shown = self.remaining_s(now_s)
        if shown != self._shown_s:
            self._shown_s = shown
            self.changed()
