"""Bots of one's own among the agents of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptex.sim.agents.base import GroupSettings, NotNegative, Place
from cryptex.sim.own_bot import load_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptex.sim.bot import Bot
    from cryptex.sim.world import World

BOT: Final = "bot"
"""What scenario files call this kind of agent, and the key of its file."""


class OwnSettings(GroupSettings, frozen=True, kw_only=True, tag=BOT):
    """`bot`: FILE:CLASS. In a scenario's file a path is from the folder of that file."""

    latency_ms: NotNegative = 20.0
    bot: str = ""

    def maker(self, world: World) -> Callable[[Place], Bot]:
        """Read the file, once for the whole group."""
        kind = load_class(self.bot)
        return lambda _place: kind()

    def make(self, world: World, place: Place) -> Bot:
        """Return one of them."""
        return self.maker(world)(place)
