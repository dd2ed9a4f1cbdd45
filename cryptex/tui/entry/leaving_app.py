"""What every way through the terminal ends with: one screen in place of all others, and a quit that asks first."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from cryptex.client.exchange import Exchange
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import Entrance
from cryptex.tui.entry.questions import GO_ON, STOP, leave_menu, unanswered_menu
from cryptex.tui.looks.wearing import LookApp
from cryptex.tui.orders.leaving import Farewell, Leavable

WAY: Final = "entry"
"""The group of workers that lead to another screen."""


class LeavingApp(LookApp):
    """Base of the terminal. `exchange` is the one that is spoken to; its connection ends with the terminal."""

    def __init__(self, exchange: Exchange, entrance: Entrance | None = None) -> None:
        super().__init__()
        self.exchange = exchange
        self.entrance = entrance or Entrance()
        self._question: MenuScreen | None = None
        """What was asked last before the terminal ends."""
        self._is_leaving = False

    @property
    def top(self) -> Screen[Any] | None:
        """The screen in front; None while the terminal ends, when what was on its way still arrives."""
        return next(reversed(self.screen_stack), None)

    @property
    def is_trading(self) -> bool:
        """Whether the trading screen is in front."""
        return any(isinstance(screen, Leavable) for screen in self.screen_stack[-1:])

    @property
    def farewell(self) -> Farewell:
        """What is to be known when one leaves the trading screen, if there is one."""
        return next((screen.farewell for screen in self.screen_stack if isinstance(screen, Leavable)), Farewell())

    async def on_unmount(self) -> None:
        """Close the connection, however the terminal ends."""
        await self.exchange.close()

    async def action_quit(self) -> None:
        """Leave. Asks first, where an order has no answer yet, and what becomes of a node that was started here."""
        if self._is_leaving or self._question in self.screen_stack:
            return
        unanswered = self.farewell.unanswered
        if unanswered:
            self._question = unanswered_menu(unanswered)
            await self.push_screen(self._question, self._leaving_all_the_same)
        else:
            await self._quit()

    async def _leaving_all_the_same(self, chosen: str | None) -> None:
        if chosen is not None:
            await self._quit()

    async def _quit(self) -> None:
        here = self.entrance.local_node
        if here is None or not here.is_running:
            await self._leave()
        else:
            self._question = leave_menu(here)
            await self.push_screen(self._question, self._leaving)

    def _leaving(self, chosen: str | None) -> None:
        if chosen is not None:
            self._is_leaving = True
            self.run_worker(self._leave(chosen), group="leave")

    async def _leave(self, chosen: str | None = None) -> None:
        here = self.entrance.local_node
        await self.exchange.close()
        if here is not None and chosen == GO_ON:
            here.let_go_on()
        elif here is not None and chosen == STOP:
            await asyncio.to_thread(here.stop)
        self.exit()

    def begin(self, way: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin a way to another screen; the one before it ends where it is."""
        self.run_worker(way, group=WAY, exclusive=True)  # type: ignore[arg-type]

    def beside(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do something that ends with itself, or with the terminal."""
        self.run_worker(work)  # type: ignore[arg-type]

    async def replace(self, screen: Screen[None]) -> None:
        """Make a screen the only one.

        The stack is changed before anything is waited for, and to the end though whoever waits is cancelled: keys, and
        what comes from the node, find one screen or the other, and never the ground beneath them.
        """
        if self.top is None:
            return
        going = [self.pop_screen() for _ in self.screen_stack[2:]]  # textual's own lies at the bottom
        await asyncio.shield(_all([*going, self.switch_screen(screen)]))


async def _all(going: list[AwaitComplete]) -> None:
    for each in going:
        await each
