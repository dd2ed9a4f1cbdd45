"""The terminal as an application: how one enters, then trading; and a quit that leaves nothing behind."""

import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import rich
import textual
from rich.traceback import Traceback
from textual.screen import Screen

from cryptex.client.exchange import Exchange
from cryptex.garbage import GC_THRESHOLDS
from cryptex.tui.broken import TerminalBrokenError
from cryptex.tui.drawing import texts
from cryptex.tui.entry.entrance import Entrance
from cryptex.tui.entry.entry_app import Dial, EntryApp
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.orders.trader import LOOKUP_PAUSE_S
from cryptex.tui.settings.terminal import TerminalSettings
from cryptex.tui.trading_screen import TradingScreen

TITLE: Final = "cryptex"


def _utc() -> datetime:
    return datetime.now(UTC)


def _utc_text() -> str:
    return texts.clock(_utc())


class CryptexTerminal(EntryApp):
    """The trading terminal."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = TITLE
    CSS = "ModalScreen, TransferScreen { padding-top: 2; }"
    """What opens over the trading screen leaves its market bar free: whether prices are live is always seen."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        token: str | None = None,
        username: str | None = None,
        profile: str = "",
        entrance: Entrance | None = None,
        dial: Dial = Exchange,
        clock: Callable[[], float] = time.monotonic,
        now_text: Callable[[], str] = _utc_text,
        now: Callable[[], datetime] = _utc,
        lookup_pause_s: float = LOOKUP_PAUSE_S,
        settings_folder: Path | None = None,
    ) -> None:
        super().__init__(exchange, token=token, username=username, profile=profile, entrance=entrance, dial=dial)
        self._clock = clock
        self._now_text = now_text
        self._now = now
        self._lookup_pause_s = lookup_pause_s
        self._settings_folder = settings_folder
        self.settings = TerminalSettings(settings_folder)
        self.keymap = Keymap(self.settings.value.keys)
        self.fault = ""
        """What the terminal broke off with."""

    async def on_mount(self) -> None:
        """Put on the look that the user likes, and the user's keys."""
        looks = self.settings.value.looks
        self.wear(looks.theme, looks.up_down)
        self.set_keymap(self.keymap.overrides)

    def _fatal_error(self) -> None:
        """Leave, and tell where it broke: without what variables held, passwords and tokens among it."""
        error = sys.exception()
        self.fault = "" if error is None else f"{type(error).__name__}: {error}"
        self.bell()
        self.panic(Traceback(width=None, suppress=[rich, textual]))

    def trading_screen(self, username: str, simulated: str) -> Screen[None]:
        """Return the trading screen."""
        return TradingScreen(
            self.exchange,
            username,
            simulated=simulated,
            clock=self._clock,
            now_text=self._now_text,
            now=self._now,
            lookup_pause_s=self._lookup_pause_s,
            settings=self.settings,
            keymap=self.keymap,
            settings_folder=self._settings_folder,
            flights=self.unsettled.pop((self.exchange.url, username), ()),
        )


def run(
    url: str,
    *,
    dial: Dial = Exchange,
    token: str | None = None,
    username: str | None = None,
    profile: str = "",
    entrance: Entrance | None = None,
    settings_folder: Path | None = None,
) -> None:
    """Run the terminal on the exchange at `url` until the user quits; what is kept is kept in `settings_folder`.

    Raises TerminalBrokenError.
    """
    gc.freeze()  # what was imported is there to stay: a walk through it would be a frame that comes late
    gc.set_threshold(*GC_THRESHOLDS)
    terminal = CryptexTerminal(
        dial(url),
        dial=dial,
        token=token,
        username=username,
        profile=profile,
        entrance=entrance,
        settings_folder=settings_folder,
    )
    terminal.run()
    if terminal.return_code:
        raise TerminalBrokenError(terminal.fault)
