"""A market as its bots reach it, wherever it is: what a port, the world and a cast of agents need of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from cryptex.engine.exchange import Exchange
from cryptex.sim.bot import Bot, News, TapeTrade
from cryptex.sim.clock import VirtualClock

if TYPE_CHECKING:
    from cryptex.protocol.commands import Command, OpenAccount, PlaceOrder
    from cryptex.protocol.market import Market
    from cryptex.sim.context import Context
    from cryptex.sim.local_port import LocalPort

T = TypeVar("T")


class EngineBook:
    """The engine's own book, as bots see it."""

    __slots__ = ("_asks", "_bids", "last_mid")

    def __init__(self, exchange: Exchange, symbol: str, start_ticks: int) -> None:
        book = exchange.live_markets[symbol].book
        self._bids = book.bids
        self._asks = book.asks
        self.last_mid = float(start_ticks)

    @property
    def best_bid(self) -> int | None:
        """The highest price somebody buys at, in ticks."""
        best = self._bids.best
        return None if best is None else best.price_ticks

    @property
    def best_ask(self) -> int | None:
        """The lowest price somebody sells at, in ticks."""
        best = self._asks.best
        return None if best is None else best.price_ticks

    @property
    def mid(self) -> float:
        """The middle of the best prices in ticks; where a side is empty, the last that was known."""
        bid, ask = self._bids.best, self._asks.best
        if bid is not None and ask is not None:
            self.last_mid = (bid.price_ticks + ask.price_ticks) / 2
        return self.last_mid

    def bids(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of buyers as (price, size), best first."""
        return self._bids.depth(levels)

    def asks(self, levels: int) -> list[tuple[int, int]]:
        """Return the best levels of sellers as (price, size), best first."""
        return self._asks.depth(levels)


class Venue:
    """One market of an exchange in this process, and the bots that listen to it."""

    def __init__(self, clock: VirtualClock, exchange: Exchange, symbol: str, start_ticks: int) -> None:
        """`start_ticks` stands for the mid as long as there is none. Raises LookupError for an unknown market."""
        market = exchange.market(symbol)
        if market is None:
            raise LookupError(symbol)
        self.clock: Final = clock
        self.exchange: Final = exchange
        self.symbol: Final = symbol
        self.market: Market = market
        self.book: Final = EngineBook(exchange, symbol, start_ticks)
        self._on_book: list[Context] = []
        self._on_trade: list[Context] = []
        self._on_news: list[Context] = []

    def open_account(self, command: OpenAccount) -> int:
        """Open an account and return its id. Raises Refusal."""
        raise NotImplementedError

    def port(self, account_id: int, latency_ns: int) -> LocalPort:
        """Return an account's way to this market."""
        raise NotImplementedError

    def place(self, port: LocalPort, number: int, command: PlaceOrder) -> None:
        """Apply a bot's order."""
        raise NotImplementedError

    def apply(self, command: Command) -> None:
        """Apply any other command."""
        raise NotImplementedError

    def tick(self) -> None:
        """Take note that a second has passed."""
        raise NotImplementedError

    def log_ns(self, time_ns: int) -> int:
        """Return which time of the log a simulated time is."""
        raise NotImplementedError

    def guarded(self, _context: Context, call: Callable[[T], object], argument: T) -> None:
        """Call something of a bot's, whose faults are its own affair where the market has to go on."""
        call(argument)

    def attach(self, port: LocalPort, context: Context, bot: Bot) -> None:
        """Let a bot hear what it listens to."""
        port.context = context
        kind = type(bot)
        if kind.on_book is not Bot.on_book:
            self._on_book.append(context)
        if kind.on_trade is not Bot.on_trade:
            self._on_trade.append(context)
        if kind.on_news is not Bot.on_news:
            self._on_news.append(context)

    def announce(self, news: News) -> None:
        """Tell news to all who listen."""
        for context in self._on_news:
            self.guarded(context, context.hears, news)

    def tell_trade(self, trade: TapeTrade) -> None:
        """Tell a trade to all who listen."""
        for context in self._on_trade:
            self.guarded(context, context.traded, trade)
