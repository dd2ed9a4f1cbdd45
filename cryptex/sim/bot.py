"""What a bot is: a class whose methods are called when something happens, with a context to act through."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cryptex.protocol.terms import Liquidity, Side

if TYPE_CHECKING:
    from cryptex.sim.context import Context


class OwnFill(NamedTuple):
    """A fill of one of the bot's orders; `order` is what `buy` or `sell` returned. `fee_units` are of what it got."""

    order: int
    side: Side
    price_ticks: int
    size_lots: int
    liquidity: Liquidity
    fee_units: int


class TapeTrade(NamedTuple):
    """A trade, as the public sees it; `side` is the taker's."""

    price_ticks: int
    size_lots: int
    side: Side


class News(NamedTuple):
    """What everybody hears at once: the value of the base asset has moved by so many basis points."""

    text: str
    move_bps: float


class Bot:
    """Subclass this and override what you need: only what is overridden is delivered.

    The methods must not wait for anything. What they send through the context is on its way when they return.
    """

    def on_start(self, ctx: Context) -> None:
        """The market is there; set timers here."""

    def on_timer(self, ctx: Context, name: str) -> None:
        """A timer of this name, set by `ctx.after` or `ctx.every`, has run out."""

    def on_fill(self, ctx: Context, fill: OwnFill) -> None:
        """One of the bot's orders has traded."""

    def on_book(self, ctx: Context) -> None:
        """The book has changed; `ctx.book` shows it."""

    def on_trade(self, ctx: Context, trade: TapeTrade) -> None:
        """Somebody has traded."""

    def on_news(self, ctx: Context, news: News) -> None:
        """News has come. Nodes have no news: this is called in simulations only."""
