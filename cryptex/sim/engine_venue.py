"""A market in this process: the engine, its time, and who hears of what happens there."""

from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.protocol.commands import Command, OpenAccount, PlaceOrder, Tick
from cryptex.protocol.events import (
    CommandRejected,
    Event,
    Fill,
    LevelChanged,
    OrderAccepted,
    OrderEnded,
    OrderRejected,
    Posting,
    Trade,
)
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import EndReason, Side
from cryptex.sim.bot import TapeTrade
from cryptex.sim.clock import VirtualClock
from cryptex.sim.local_port import LocalPort
from cryptex.sim.recording import Recorder
from cryptex.sim.venue import Venue

BUY: Final = Side.BUY
SIGNATURE: Final = frozenset({EndReason.USER, EndReason.EXPIRED})


def _not_funded(account: str, answer: Event) -> Refusal:
    message = answer.message if isinstance(answer, CommandRejected) else "it was not opened"
    return Refusal(Code.INVALID_SCENARIO, f"account {account}: {message}", field="funds")


class EngineVenue(Venue):
    """A market with an exchange of its own: stamps each command with the clock's time and tells what followed."""

    def __init__(self, clock: VirtualClock, setup: list[Command], symbol: str, start_ticks: int) -> None:
        """`setup` defines the market; `start_ticks` stands for the mid as long as there is none."""
        exchange = Exchange()
        for time_ns, command in enumerate(setup, 1):
            exchange.apply(time_ns, command)
        super().__init__(clock, exchange, symbol, start_ticks)
        self.recorder: Recorder | None = None
        self.commands = len(setup)
        self.trades = 0
        self._last_ns = len(setup)
        self._ports: dict[int, LocalPort] = {}
        live = exchange.live_markets[symbol]
        self._bids, self._asks = live.bids, live.asks
        self.bid: int | None = None
        self.ask: int | None = None

    def open_account(self, command: OpenAccount) -> int:
        """Open an account and return its id."""
        self.apply(command)
        account_id = self.exchange.account_for(command.registration_key)
        if account_id is None:
            raise _not_funded(command.registration_key, self.exchange.answer)
        return account_id

    def port(self, account_id: int, latency_ns: int) -> LocalPort:
        """Return an account's way to this market."""
        port = self._ports[account_id] = LocalPort(self, account_id, latency_ns)
        return port

    def place(self, port: LocalPort, number: int, command: PlaceOrder) -> None:
        """Apply a bot's order."""
        events = self._stamped(command)
        answer = self.exchange.answer
        if type(answer) is OrderAccepted:
            port.accepted(number, answer.order_id)
            if self.recorder is not None:
                self.recorder.order(self.clock.time_ns, command, self.bid, self.ask)
        elif type(answer) is OrderRejected:
            port.context.refused(number)
        self._tell(events)

    def apply(self, command: Command) -> None:
        """Apply any other command."""
        self._tell(self._stamped(command))

    def tick(self) -> None:
        """End what is due, where the engine waits for time to pass; forget orders that have ended."""
        due_ns = self.exchange.next_deadline_ns()
        if due_ns is not None and due_ns <= self.clock.time_ns:
            self.apply(Tick())
        self.exchange.orders.closed.clear()

    def log_ns(self, time_ns: int) -> int:
        """Return the same time: this market's log begins with it."""
        return time_ns

    def _stamped(self, command: Command) -> list[Event]:
        time_ns = self.clock.time_ns
        if time_ns <= self._last_ns:
            time_ns = self._last_ns + 1
        self._last_ns = time_ns
        self.commands += 1
        return self.exchange.apply(time_ns, command)

    def _tell(self, events: list[Event]) -> None:
        changed = False
        for event in events:
            kind = type(event)
            if kind is Posting or kind is OrderAccepted:
                continue
            if kind is LevelChanged:
                changed = True
            elif kind is OrderEnded:
                self._ended(event)  # type: ignore[arg-type]  # `kind` says so, and isinstance costs as much as the rest
            elif kind is Fill:
                self._filled(event)  # type: ignore[arg-type]
            elif kind is Trade:
                self._traded(event)  # type: ignore[arg-type]
        if changed:
            self._book_changed()

    def _ended(self, event: OrderEnded) -> None:
        recorder = self.recorder
        if recorder is not None and event.reason in SIGNATURE:
            order = self.exchange.orders.closed[event.order_id]
            recorder.cancel(self.clock.time_ns, order.side, order.price_ticks, self.bid, self.ask)
        port = self._ports.get(event.account_id)
        if port is not None:
            port.ended(event.order_id)

    def _filled(self, event: Fill) -> None:
        port = self._ports.get(event.account_id)
        if port is not None:
            number = port.number_of(event.order_id)
            port.context.filled(
                number, event.side, event.price_ticks, event.size_lots, event.liquidity, event.fee_units
            )

    def _traded(self, event: Trade) -> None:
        self.trades += 1
        if self.recorder is not None:
            self.recorder.trade(self.clock.time_ns, event)
        if self._on_trade:
            self.tell_trade(TapeTrade(event.price_ticks, event.size_lots, event.side))

    def _book_changed(self) -> None:
        best_bid, best_ask = self._bids.best, self._asks.best
        bid = None if best_bid is None else best_bid.price_ticks
        ask = None if best_ask is None else best_ask.price_ticks
        if bid != self.bid or ask != self.ask:
            self.bid, self.ask = bid, ask
            if self.recorder is not None:
                self.recorder.quote(self.clock.time_ns, bid, ask)
        for context in self._on_book:
            context.book_changed()
