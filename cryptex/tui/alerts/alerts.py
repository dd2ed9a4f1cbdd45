"""Alerts as the screen uses them: set, kept in a file, looked at every frame, told by toast, bell and activity."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptex.client.alerts import OnFill, RuleFlaw, parse_rule
from cryptex.tui.alerts.kept import FILE_NAME, KeptAlerts, fill_book, kept
from cryptex.tui.alerts.text import value_text
from cryptex.tui.alerts.watch import AlertWatch, Fired
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.settings.settings_file import SettingsFile

ALERT_PAUSE_S: Final = 30.0
"""The shortest time between two tellings of one alert: a price that swings around a bound would ring all the time."""
FILLS_PAUSE_S: Final = 1.0
"""The shortest time between two toasts of fills: those that come meanwhile are told together."""
TOASTS_MAX: Final = 5
"""Toasts of one frame, at most: the activity log has them all."""

Toast = Callable[[str, str], None]
"""Shows a title and a text, and rings the bell."""


class Alerts:
    """Methods that change something return what could not be done, or nothing."""

    def __init__(
        self, model: TerminalModel, folder: Path | None, toast: Toast, note: Callable[[Tone, str], None]
    ) -> None:
        self._model = model
        self._book = model.alerts
        self._toast = toast
        self._note = note
        self._watch = AlertWatch(model)
        self._file = SettingsFile(None if folder is None else folder / FILE_NAME, KeptAlerts)
        self.complaint = self._file.complaint
        self._told_s: dict[int, float] = {}
        """When each alert was told last."""
        self._told_fills_s: float | None = None
        fill_book(self._book, self._file.value)

    @property
    def is_kept(self) -> bool:
        """Whether alerts outlive the terminal."""
        return self._file.is_kept

    def add(self, market: str, text: str) -> str:
        """Set an alert on a market by its rule."""
        try:
            rule = parse_rule(text)
        except RuleFlaw as flaw:
            return str(flaw)
        if isinstance(rule, OnFill):
            return self.turn_fills(on=True)
        return self._book.add(market, rule) or self._keep()

    def remove(self, number: int) -> str:
        """Delete an alert."""
        self._told_s.pop(number, None)
        return self._keep() if self._book.remove(number) is not None else ""

    def turn_fills(self, *, on: bool) -> str:
        """Tell own fills, or no longer."""
        self._book.turn_fills(on)
        return self._keep()

    def frame(self, *, live: bool, now_s: float, time: str) -> None:
        """Tell what came true since the last frame."""
        fired = [each for each in self._watch.look(live=live, time=time) if self._is_due(each.alert.number, now_s)]
        for each in fired:
            self._note(Tone.WARN, f"alert: {self._text(each)}")
        for each in fired[:TOASTS_MAX]:
            self._toast("Alert", self._text(each))
        self._tell_fills(now_s)

    def _is_due(self, number: int, now_s: float) -> bool:
        told_s = self._told_s.get(number)
        if told_s is not None and now_s - told_s < ALERT_PAUSE_S:
            return False
        self._told_s[number] = now_s
        return True

    def _tell_fills(self, now_s: float) -> None:
        fills = self._book.fills
        if not fills or (self._told_fills_s is not None and now_s - self._told_fills_s < FILLS_PAUSE_S):
            return
        if self._book.on_fills:
            self._told_fills_s = now_s
            self._toast("Fill", fills[-1] if len(fills) == 1 else f"{fills[-1]}, and {len(fills) - 1} more")
        fills.clear()

    def _text(self, fired: Fired) -> str:
        alert = fired.alert
        value = value_text(alert.rule.subject, fired.value, self._model.terms.get(alert.market))
        return f"{alert.market} {alert.rule}: {value}"

    def _keep(self) -> str:
        return self._file.save(kept(self._book))
