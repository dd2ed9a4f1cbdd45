"""What agents have in common that act again and again, at times of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from cryptex.sim.agents.base import BUY, SELL, GroupSettings, Positive
from cryptex.sim.bot import Bot

if TYPE_CHECKING:
    from random import Random

    from cryptex.protocol.terms import Side
    from cryptex.sim.context import Context
    from cryptex.sim.world import World


class RecurringSettings(GroupSettings, frozen=True, kw_only=True):
    """Acts every `every_s` / attention, on average."""

    every_s: Positive


S = TypeVar("S", bound=RecurringSettings)


class Recurring(Bot, Generic[S]):
    """Acts, then waits: exponentially, and shorter where there is more attention."""

    def __init__(self, settings: S, world: World) -> None:
        self.settings = settings
        self.world = world

    def act(self, ctx: Context) -> None:
        """Do what this agent does."""
        raise NotImplementedError

    def pace(self) -> float:
        """Return how many times as often as on average it acts now."""
        return self.world.attention

    def on_start(self, ctx: Context) -> None:
        """Begin at a time of its own."""
        self.wait(ctx)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Act, and wait for the next time."""
        self.act(ctx)
        self.wait(ctx)

    def wait(self, ctx: Context) -> None:
        """Draw when to act next."""
        ctx.after(ctx.rng.expovariate(1.0) * self.settings.every_s / self.pace())


class RecurringFirst(Recurring[S]):
    """Draws when to act next before it acts."""

    def on_timer(self, ctx: Context, name: str) -> None:
        """Wait for the next time, and act."""
        self.wait(ctx)
        self.act(ctx)


def coin(rng: Random) -> Side:
    """Draw a side."""
    return BUY if rng.random() < 0.5 else SELL
