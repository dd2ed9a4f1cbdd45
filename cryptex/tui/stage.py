"""What the handlers of actions work on: the parts of the trading screen, typed."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.screen import Screen

from cryptex.client.exchange import Exchange
from cryptex.tui.alerts.alerts import Alerts
from cryptex.tui.desk.view import DeskView
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.orders.amender import Amender
from cryptex.tui.orders.trader import Trader
from cryptex.tui.settings.terminal import TerminalSettings

R = TypeVar("R")

Handler = Callable[[], Awaitable[None] | None]
Handlers = Mapping[str, Handler]
"""By the name of the action."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The screen and what stands on it. Handlers of a room take what they need from here."""

    screen: Screen[None]
    exchange: Exchange
    model: TerminalModel
    desk: DeskView
    trader: Trader
    amender: Amender
    alerts: Alerts
    turn_market: Callable[[str], None]
    now_text: Callable[[], str]
    settings: TerminalSettings
    keymap: Keymap

    def work(self, task: Coroutine[Any, Any, None], group: str) -> None:
        """Run a task beside the frames."""
        self.screen.run_worker(task, group=group)

    def open(self, screen: Screen[R], answered: Callable[[R | None], None] | None = None) -> None:
        """Show a screen over the trading screen. One that is open stays alone: keys come faster than screens."""
        if self.screen.is_active:
            self.screen.app.push_screen(screen, answered)

    def note(self, tone: Tone, text: str) -> None:
        """Add a line of activity, now."""
        self.model.note(self.now_text(), tone, text)
