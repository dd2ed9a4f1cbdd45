"""A market of a node, as its simulated traders reach it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from cryptex.protocol.commands import AmendOrder, CancelAll, CancelOrder, Command, OpenAccount, PlaceOrder
from cryptex.protocol.events import Event, OrderAccepted
from cryptex.sim.local_port import LocalPort
from cryptex.sim.venue import Venue

if TYPE_CHECKING:
    from cryptex.sim.context import Context
    from cryptex.sim.live.floor import Floor
    from cryptex.sim.port import NewOrder

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)


def account_key(symbol: str, name: str) -> str:
    """Return the registration key of a simulated trader's account: who has this name here again has it again."""
    return f"simulated/{symbol}/{name}"


def connection_of(account_id: int) -> int:
    """Return what an account's orders are tied to. A start of the node cancels them; no socket has such a number."""
    return -account_id


class NodeVenue(Venue):
    """One market. What is sent is answered later, when it is durable; whose bot fails is out, and nobody else."""

    def __init__(self, floor: Floor, symbol: str, start_ticks: int) -> None:
        super().__init__(floor.clock, floor.exchange, symbol, start_ticks)
        self._floor = floor

    def open_account(self, command: OpenAccount) -> int:
        """Return the account, which was opened before the market began."""
        account_id = self.exchange.account_for(account_key(self.symbol, command.registration_key))
        if account_id is None:
            raise LookupError(command.registration_key)
        return account_id

    def port(self, account_id: int, latency_ns: int) -> LocalPort:
        """Return an account's way to this market."""
        port = self._floor.ports[account_id] = NodePort(self, account_id, latency_ns)
        return port

    def place(self, port: LocalPort, number: int, command: PlaceOrder) -> None:
        """Send a bot's order."""
        if isinstance(port, NodePort):
            self._floor.way.send(command, partial(port.answered, number))

    def apply(self, command: Command) -> None:
        """Send any other command; nobody waits for its answer."""
        self._floor.way.send(command, _unheard)

    def tick(self) -> None:
        """Let the node end what is due, where it does not by itself."""
        self._floor.way.tick()

    def log_ns(self, time_ns: int) -> int:
        """Return which time of the log a simulated time is."""
        return self._floor.way.log_ns(time_ns)

    def guarded(self, context: Context, call: Callable[[T], object], argument: T) -> None:
        """Call something of a bot's; one that fails is logged, and trades no more."""
        try:
            call(argument)
        except Exception:
            _log.exception("a simulated trader of %s failed; it trades no more", self.symbol)
            context.stop()

    def tell_book(self) -> None:
        """Tell all who listen that the book has changed."""
        for context in self._on_book:
            self.guarded(context, _book_changed, context)


class NodePort(LocalPort):
    """One account's way to a market of a node, where an order is on its way until it is answered."""

    __slots__ = ("_on_their_way", "_wishes")

    def __init__(self, venue: NodeVenue, account_id: int, latency_ns: int) -> None:
        super().__init__(venue, account_id, latency_ns, connection_of(account_id))
        self._on_their_way: dict[int, None] = {}
        self._wishes: dict[int, int] = {}
        """Those that were given a new size before they had an id; 0 where they were canceled."""

    def call_at(self, time_ns: int, call: Callable[[T], object], argument: T) -> None:
        """Call `call(argument)` at a time; what it raises stops this bot."""
        super().call_at(time_ns, self._guarded, (call, argument))

    def answered(self, number: int, answer: Event | None) -> None:
        """An order was answered, or (None) refused before it was journaled."""
        self._on_their_way.pop(number, None)
        wish = self._wishes.pop(number, None)
        if type(answer) is not OrderAccepted:
            self.context.refused(number)
            return
        self.accepted(number, answer.order_id)
        if wish is not None:
            order = self.account_id, answer.order_id
            self.venue.apply(AmendOrder(*order, size_lots=wish) if wish else CancelOrder(*order))

    def knows(self, order_id: int) -> bool:
        """Return whether an order is open, as far as this bot has heard."""
        return order_id in self._numbers

    def _guarded(self, what: tuple[Callable[[T], object], T]) -> None:
        self.venue.guarded(self.context, *what)

    def _order_arrives(self, order: NewOrder) -> None:
        self._on_their_way[order.number] = None
        super()._order_arrives(order)

    def _cancel_arrives(self, number: int) -> None:
        if number in self._on_their_way:
            self._wishes[number] = 0
        else:
            super()._cancel_arrives(number)

    def _resize_arrives(self, what: tuple[int, int]) -> None:
        number, size_lots = what
        if number in self._on_their_way:
            self._wishes[number] = min(size_lots, self._wishes.get(number, size_lots))
        else:
            super()._resize_arrives(what)

    def _cancel_all_arrives(self, _: None) -> None:
        if self._order_ids or self._on_their_way:
            self.venue.apply(CancelAll(self.account_id, self.venue.symbol))


def _unheard(_: Event | None) -> None:
    """Let an answer pass."""


def _book_changed(context: Context) -> None:
    context.book_changed()
