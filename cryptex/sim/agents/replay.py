"""Replay: a tape of a real market, played again on this exchange.

LOBSTER's message files are described by Huang and Polak (2011), "LOBSTER: limit order book reconstruction system". Two
accounts play: number 0 makes, number 1 takes. What a tape takes from orders older than itself is put there first.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from cryptex.protocol.problems import invalid
from cryptex.protocol.terms import Side
from cryptex.sim import tapes
from cryptex.sim.agents.base import BUY, IOC, Count, GroupSettings, NotNegative, Place
from cryptex.sim.bot import Bot
from cryptex.sim.context import Context
from cryptex.sim.tapes import Kind, Row
from cryptex.sim.world import World


class TapeForm(StrEnum):
    """What a file is."""

    TRADES = "trades"
    LOBSTER = "lobster"


class ReplaySettings(GroupSettings, frozen=True, kw_only=True, tag="replay"):
    """`file`: a path, or empty for the sample that comes with the program."""

    count: Count = 2
    funds: NotNegative = 100_000.0
    file: str = ""
    form: TapeForm = TapeForm.TRADES

    def maker(self, world: World) -> Callable[[Place], Bot]:
        """Look whether the tape is there."""
        if self.file and not Path(self.file).is_file():
            raise invalid("file", f"there is no file {self.file}")
        return super().maker(world)

    def make(self, world: World, place: Place) -> Bot:
        """Return the maker or the taker."""
        return Maker(self) if place.number == 0 else Taker(self)


class _Player(Bot):
    """Goes through the tape, row by row, each at its time."""

    def __init__(self, settings: ReplaySettings) -> None:
        self._settings = settings
        self._rows: Iterator[Row] = iter(())
        self._row: Row | None = None
        self._start_ns = 0

    def on_start(self, ctx: Context) -> None:
        """Open the tape."""
        settings = self._settings
        path = Path(settings.file) if settings.file else tapes.SAMPLE
        read = tapes.read_lobster if settings.form is TapeForm.LOBSTER else tapes.read_trades
        self._rows = read(path, ctx.market)
        self._start_ns = ctx.now
        self._next(ctx)

    def on_timer(self, ctx: Context, name: str) -> None:
        """Play all rows of this time."""
        while self._row is not None and self._start_ns + self._row.time_ns <= ctx.now:
            self.play(ctx, self._row)
            self._row = next(self._rows, None)
        self._wait(ctx)

    def play(self, ctx: Context, row: Row) -> None:
        """Do this player's part of a row."""
        raise NotImplementedError

    def _next(self, ctx: Context) -> None:
        self._row = next(self._rows, None)
        self._wait(ctx)

    def _wait(self, ctx: Context) -> None:
        if self._row is not None:
            ctx.at(self._start_ns + self._row.time_ns)


class Maker(_Player):
    """Places, reduces and cancels; and stands ready where the tape has a trade with an order it does not know."""

    def __init__(self, settings: ReplaySettings) -> None:
        super().__init__(settings)
        self._numbers: dict[int, int] = {}

    def play(self, ctx: Context, row: Row) -> None:
        """Do the maker's part."""
        number = self._numbers.get(row.order) if row.order else None
        match row.kind:
            case Kind.PLACE:
                self._numbers[row.order] = _place(ctx, row.side, row.size_lots, row.price_ticks)
            case Kind.TRADE if number is None or number not in ctx.orders:
                _place(ctx, row.side, row.size_lots, row.price_ticks)
            case Kind.CANCEL if number is not None:
                ctx.cancel(number)
                del self._numbers[row.order]
            case Kind.REDUCE if number is not None:
                ctx.reduce(number, row.size_lots)


class Taker(_Player):
    """Takes what the tape says was traded."""

    def play(self, ctx: Context, row: Row) -> None:
        """Do the taker's part."""
        if row.kind is Kind.TRADE:
            if row.side is BUY:
                ctx.sell(row.size_lots, row.price_ticks, time_in_force=IOC)
            else:
                ctx.buy(row.size_lots, row.price_ticks, time_in_force=IOC)


def _place(ctx: Context, side: Side, size_lots: int, price_ticks: int) -> int:
    return ctx.buy(size_lots, price_ticks) if side is BUY else ctx.sell(size_lots, price_ticks)
