"""Shared by the core's tests: markets, commands, a journal that can be made to fail, and an exchange that trades."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import Applied
from cryptex.node.clock import ManualClock
from cryptex.node.market_data import MarketData
from cryptex.node.recent import RecentActivity
from cryptex.node.replay import State
from cryptex.node.settings import Settings, load_settings
from cryptex.node.startup import begin_epoch
from cryptex.protocol.commands import Grant, OpenAccount, PlaceOrder, Stamped
from cryptex.protocol.terms import OrderType, Side
from cryptex.store.journal import Journal, MemoryJournal

MARKET = "BTC-USDT"
FUNDS = (Grant("BTC", 10**12), Grant("USDT", 10**16))


def settings(**changes: Any) -> Settings:
    """Return the default settings, with flags."""
    return load_settings(**{"data_dir": "/nonexistent", **changes})


def empty_state() -> State:
    """Return the state before all commands."""
    return State(Exchange(), MarketData(), RecentActivity())


def configured(journal: Journal, clock: ManualClock) -> State:
    """Return a state with the default markets and an epoch, all of it journaled."""
    state = empty_state()
    begin_epoch(state, journal, clock, settings())
    return state


def open_account(key: str) -> OpenAccount:
    """Return the command that opens a funded account."""
    return OpenAccount(key, FUNDS)


def limit(account_id: int, side: Side, price_ticks: int, size_lots: int = 100_000, **more: Any) -> PlaceOrder:
    """Return a limit order of one BTC."""
    return PlaceOrder(account_id, MARKET, side, OrderType.LIMIT, size_lots, price_ticks, **more)


class Listener:
    """A publisher that remembers."""

    def __init__(self) -> None:
        self.batches: list[list[Applied]] = []

    def publish(self, batch: list[Applied]) -> None:
        """Keep the batch."""
        self.batches.append(batch)


class InlineExecutor(Executor):
    """Runs what it is given at once, so that tests decide when things happen."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class HangingExecutor(Executor):
    """Takes work and never does it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that never ends."""
        return Future()


class FailingJournal(MemoryJournal):
    """Raises the errors it is given, one an append, before it writes; None lets an append pass."""

    def __init__(self, *errors: Exception | None) -> None:
        super().__init__()
        self.errors = list(errors)
        self.appended: list[list[Stamped]] = []

    def append(self, commands: Sequence[Stamped]) -> None:
        """Fail or append."""
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.appended.append(list(commands))
        super().append(commands)
