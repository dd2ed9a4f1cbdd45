"""The floor: the simulated traders of all markets of a node. Their commands leave here, what happened is told here."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from cryptex.engine.exchange import Exchange
from cryptex.node.core import Core
from cryptex.node.early_log import EarlyLog
from cryptex.node.sequencer import Reply
from cryptex.protocol.commands import Command, Tick
from cryptex.protocol.events import Event, Fill, LevelChanged, OrderEnded, Trade
from cryptex.protocol.problems import Refusal
from cryptex.sim.bot import TapeTrade
from cryptex.sim.clock import VirtualClock
from cryptex.sim.live.venue import NodePort, NodeVenue

Answered = Callable[[Event | None], object]
"""Is told the answer to a command, or None where there is none."""


class Way(Protocol):
    """How commands get into the log."""

    def send(self, command: Command, answered: Answered) -> None:
        """Send a command. What it led to is told to the floor after its answer."""

    def log_ns(self, time_ns: int) -> int:
        """Return which time of the log a simulated time is."""

    def tick(self) -> None:
        """Take note that a simulated second has passed."""


class Floor:
    """Who hears of what. `ports` are by account, `venues` by market; `way` is to be set before anything is sent."""

    way: Way

    def __init__(self, clock: VirtualClock, exchange: Exchange) -> None:
        self.clock: Final = clock
        self.exchange: Final = exchange
        self.ports: Final[dict[int, NodePort]] = {}
        self.venues: Final[dict[str, NodeVenue]] = {}
        self._changed: dict[str, None] = {}
        self._handlers: dict[type[Event], Callable[..., None]] = {
            LevelChanged: self._level_changed,
            OrderEnded: self._ended,
            Fill: self._filled,
            Trade: self._traded,
        }

    def tell(self, events: Iterable[Event]) -> None:
        """Tell what happened to those whom it concerns."""
        handlers, changed = self._handlers, self._changed
        for event in events:
            handle = handlers.get(type(event))
            if handle is not None:
                handle(event)
        if changed:
            for symbol in changed:
                self.venues[symbol].tell_book()
            changed.clear()

    def _level_changed(self, event: LevelChanged) -> None:
        if event.market in self.venues:
            self._changed[event.market] = None

    def _traded(self, event: Trade) -> None:
        venue = self.venues.get(event.market)
        if venue is not None:
            venue.tell_trade(TapeTrade(event.price_ticks, event.size_lots, event.side))

    def _ended(self, event: OrderEnded) -> None:
        port = self.ports.get(event.account_id)
        if port is not None and port.knows(event.order_id):
            port.ended(event.order_id)

    def _filled(self, fill: Fill) -> None:
        port = self.ports.get(fill.account_id)
        if port is None or not port.knows(fill.order_id):
            return
        number, context = port.number_of(fill.order_id), port.context
        port.venue.guarded(
            context,
            lambda _: context.filled(
                number, fill.side, fill.price_ticks, fill.size_lots, fill.liquidity, fill.fee_units
            ),
            None,
        )


class EarlyWay:
    """Into the log before the node takes commands: applied at once, at the simulated time."""

    def __init__(self, floor: Floor, early: EarlyLog, start_ns: int) -> None:
        """`start_ns` is the log's time when the simulated time is 0."""
        self._floor = floor
        self._early = early
        self._start_ns = start_ns

    def send(self, command: Command, answered: Answered) -> None:
        """Apply a command; tell its answer, then what happened."""
        events = self._early.apply(self.log_ns(self._floor.clock.time_ns), command)
        answered(self._floor.exchange.answer)
        self._floor.tell(events)

    def log_ns(self, time_ns: int) -> int:
        """Return which time of the log a simulated time is."""
        return self._start_ns + time_ns

    def tick(self) -> None:
        """End what is due: nobody else does yet."""
        due_ns = self._floor.exchange.next_deadline_ns()
        if due_ns is not None and due_ns <= self.log_ns(self._floor.clock.time_ns):
            self.send(Tick(), lambda _: None)


class SequencedWay:
    """Into the log through the sequencer, like anyone. What happened is told by whoever hears of its batches."""

    def __init__(self, floor: Floor, core: Core) -> None:
        self._floor = floor
        self._core = core

    def send(self, command: Command, answered: Answered) -> None:
        """Send a command on its way to the journal."""
        try:
            self._core.sequencer.send(command, _Asker(answered))
        except Refusal:
            answered(None)

    def log_ns(self, time_ns: int) -> int:
        """Return which time of the log a simulated time is, by the clocks as they are now."""
        return self._core.clock.now_ns() + time_ns - self._floor.clock.time_ns

    def tick(self) -> None:
        """Leave it to the sequencer, which knows what is due."""


class _Asker:
    """Passes the sequencer's answer on."""

    __slots__ = ("_answered",)

    def __init__(self, answered: Answered) -> None:
        self._answered = answered

    def done(self, reply: Reply) -> None:
        """Take the answer."""
        self._answered(reply.answer)

    def failed(self, _: Refusal) -> None:
        """Take the news that there is none."""
        self._answered(None)
