"""The terminal as an application: login, then trading; and a quit that leaves nothing behind."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from textual import on

from cryptex.client.exchange import Exchange
from cryptex.tui.drawing import texts
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.looks.wearing import LookApp
from cryptex.tui.orders.trader import LOOKUP_PAUSE_S
from cryptex.tui.settings.terminal import TerminalSettings
from cryptex.tui.trading_screen import TradingScreen

TITLE: Final = "cryptex"


def _utc_text() -> str:
    return texts.clock(datetime.now(UTC))


class CryptexTerminal(LookApp):
    """The trading terminal. `exchange` must not be connected yet; `token` skips the login while it is valid.

    `simulated` says of which scenario and seed the markets are, where they are simulated.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = TITLE

    def __init__(
        self,
        exchange: Exchange,
        *,
        token: str | None = None,
        username: str | None = None,
        simulated: str = "",
        clock: Callable[[], float] = time.monotonic,
        now_text: Callable[[], str] = _utc_text,
        lookup_pause_s: float = LOOKUP_PAUSE_S,
        settings_folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.exchange = exchange
        self._token = token
        self._username = username
        self._simulated = simulated
        self._clock = clock
        self._now_text = now_text
        self._lookup_pause_s = lookup_pause_s
        self._settings_folder = settings_folder
        self.settings = TerminalSettings(settings_folder)
        self.keymap = Keymap(self.settings.value.keys)

    async def on_mount(self) -> None:
        """Show the login, as the user likes it."""
        looks = self.settings.value.looks
        self.wear(looks.theme, looks.up_down)
        self.set_keymap(self.keymap.overrides)
        await self.push_screen(LoginScreen(self.exchange, token=self._token, username=self._username))

    async def on_unmount(self) -> None:
        """Close the connection, however the terminal ends."""
        await self.exchange.close()

    async def action_quit(self) -> None:
        """Close the connection and leave; open orders stay open."""
        await self.exchange.close()
        self.exit()

    @on(LoginScreen.Entered)
    async def _entered(self, event: LoginScreen.Entered) -> None:
        self._username = event.username
        screen = TradingScreen(
            self.exchange,
            event.username,
            simulated=self._simulated,
            clock=self._clock,
            now_text=self._now_text,
            lookup_pause_s=self._lookup_pause_s,
            settings=self.settings,
            keymap=self.keymap,
            settings_folder=self._settings_folder,
        )
        await self.switch_screen(screen)

    @on(TradingScreen.SessionEnded)
    async def _session_ended(self, event: TradingScreen.SessionEnded) -> None:
        told = f"Your session has ended ({event.why}). Please log in again."
        await self.switch_screen(LoginScreen(self.exchange, token=None, username=self._username, told=told))


def run(
    url: str,
    *,
    token: str | None = None,
    username: str | None = None,
    simulated: str = "",
    settings_folder: Path | None = None,
) -> None:
    """Run the terminal on the exchange at `url` until the user quits; what is kept is kept in `settings_folder`."""
    CryptexTerminal(
        Exchange(url), token=token, username=username, simulated=simulated, settings_folder=settings_folder
    ).run()
