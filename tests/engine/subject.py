"""One view of an exchange, so that the same test can look at the engine and at the oracle."""

from typing import NamedTuple, Protocol

from cryptex.engine.exchange import Exchange
from cryptex.engine.network import Network
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.order import Order
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import (
    LIVE_WITHDRAWALS,
    EndReason,
    MarketState,
    OrderStatus,
    Side,
    WithdrawalReason,
    WithdrawalStatus,
)
from cryptex.protocol.withdrawal import Withdrawal
from tests.engine.oracle import Answer, Oracle

Balances = dict[tuple[int, str], tuple[int, int]]
HOMES = range(1, 5)
HOME_ASSETS = ("BTC", "ETH", "USDT")
Queue = list[tuple[int, int, int]]


class Seen(NamedTuple):
    """What can be seen of an order."""

    status: OrderStatus
    reason: EndReason | None
    code: Code | None
    price: int
    stop: int
    size: int
    filled: int
    remaining: int
    canceled: int
    fee: int
    spent: int
    held: int


class Dealt(NamedTuple):
    """What can be seen of a trade."""

    id: int
    market: str
    price: int
    lots: int
    side: Side
    maker_order: int
    taker_order: int


class Left(NamedTuple):
    """What can be seen of a withdrawal."""

    status: WithdrawalStatus
    reason: WithdrawalReason | None
    account: int
    asset: str
    units: int
    block: int


class Subject(Protocol):
    """An exchange under test."""

    def apply(self, time_ns: int, command: c.Command) -> Answer: ...
    def order(self, order_id: int) -> Seen: ...
    def orders(self) -> dict[int, Seen]: ...
    def book(self, market: str, side: Side) -> Queue: ...
    def balances(self) -> Balances: ...
    def trades(self) -> list[Dealt]: ...
    def withdrawal(self, withdrawal_id: int) -> Left: ...
    def next_deadline_ns(self) -> int | None: ...
    def market_state(self, market: str) -> tuple[MarketState, int]: ...
    def uncrossing(self, market: str) -> tuple[int, int] | None: ...


class OracleSubject:
    """The naive exchange."""

    def __init__(self) -> None:
        self.oracle = Oracle()
        self.oracle.homes = {(asset, home(account, asset)): account for account in HOMES for asset in HOME_ASSETS}
        self.dealt: list[Dealt] = []

    def apply(self, time_ns: int, command: c.Command) -> Answer:
        return self.oracle.apply(time_ns, command)

    def order(self, order_id: int) -> Seen:
        o = self.oracle.orders[order_id]
        numbers = (o.price, o.stop, o.size, o.filled, o.remaining, o.canceled, o.fee, o.spent, o.held)
        return Seen(o.status, o.reason, o.code, *numbers)

    def orders(self) -> dict[int, Seen]:
        return {order_id: self.order(order_id) for order_id in self.oracle.orders}

    def book(self, market: str, side: Side) -> Queue:
        return self.oracle.book(market, side)

    def balances(self) -> Balances:
        return self.oracle.all_balances()

    def trades(self) -> list[Dealt]:
        for t in self.oracle.trades[len(self.dealt) :]:
            self.dealt.append(Dealt(t.id, t.market, t.price, t.lots, t.side, t.maker_order, t.taker_order))
        return self.dealt

    def withdrawal(self, withdrawal_id: int) -> Left:
        one = self.oracle.leaving[withdrawal_id - 1]
        return Left(one.status, one.reason, one.ask.account_id, one.ask.asset, one.ask.units, one.block)

    def withdrawals(self) -> dict[int, Left]:
        return {one.id: self.withdrawal(one.id) for one in self.oracle.leaving}

    def next_deadline_ns(self) -> int | None:
        waiting = self.oracle.deadlines()
        return waiting[0][0] if waiting else None

    def market_state(self, market: str) -> tuple[MarketState, int]:
        return self.oracle.phases.get(market, (MarketState.OPEN, 0))

    def uncrossing(self, market: str) -> tuple[int, int] | None:
        in_auction = self.oracle.state(market) is MarketState.AUCTION
        return self.oracle.would_uncross(market) if in_auction else None


class EngineSubject:
    """The engine, with what its events said kept beside it."""

    def __init__(self, exchange: Exchange | None = None) -> None:
        self.exchange = exchange or Exchange()
        self.events: list[e.Event] = []
        self.told: list[e.Event] = []
        """The events of the last command."""
        self.closed: dict[int, Order] = {}
        self.deals: list[Dealt] = []
        self.left: dict[int, Withdrawal] = {}
        self.folded: Balances = {}

    def apply(self, time_ns: int, command: c.Command) -> Answer:
        self.told = self.exchange.apply(time_ns, command)
        self.events += self.told
        self.closed |= {order.order_id: order for order in self.exchange.take_closed()}
        fills = {f.fill_id: f.order_id for f in self.told if isinstance(f, e.Fill)}
        for event in self.told:
            if isinstance(event, e.WithdrawalChanged):
                self.left[event.withdrawal.withdrawal_id] = event.withdrawal
            elif isinstance(event, e.Trade):
                ids = (fills[2 * event.trade_id - 1], fills[2 * event.trade_id])
                terms = (event.market, event.price_ticks, event.size_lots, event.side)
                self.deals.append(Dealt(event.trade_id, *terms, *ids))
            elif isinstance(event, e.Posting):
                free, held = self.folded.get((event.account_id, event.asset), (0, 0))
                self.folded[event.account_id, event.asset] = (free + event.available_change, held + event.held_change)
        return answer_words(self.exchange.answer)

    def find(self, order_id: int) -> Order | None:
        return self.closed.get(order_id) or self.exchange.order(order_id)

    def order(self, order_id: int) -> Seen:
        o = self.find(order_id)
        assert o is not None, f"the engine does not know order {order_id}"
        counts = (o.filled_lots, o.remaining_lots, o.canceled_lots, o.fee_units, o.filled_quote_units, o.held_units)
        return Seen(o.status, o.reason, o.reject_code, o.price_ticks, o.stop_ticks, o.size_lots, *counts)

    def orders(self) -> dict[int, Seen]:
        live = [o.order_id for account in self.exchange.accounts() for o in self.exchange.open_orders(account)]
        return {order_id: self.order(order_id) for order_id in sorted([*self.closed, *live])}

    def book(self, market: str, side: Side) -> Queue:
        return [(o.price_ticks, o.remaining_lots, o.order_id) for o in queue(self.exchange, market, side)]

    def balances(self) -> Balances:
        """As folded from the postings; `test_stateful` compares them with what the engine itself says."""
        return {key: value for key, value in self.folded.items() if value != (0, 0)}

    def trades(self) -> list[Dealt]:
        return self.deals

    def withdrawal(self, withdrawal_id: int) -> Left:
        w = self.left[withdrawal_id]
        return Left(w.status, w.reason, w.account_id, w.asset, w.units, w.height)

    def withdrawals(self) -> dict[int, Left]:
        """As the events told; those alive are what the engine itself has."""
        live = {w.withdrawal_id: w for w in self.left.values() if w.status in LIVE_WITHDRAWALS}
        assert live == self.exchange.withdrawals.live
        return {withdrawal_id: self.withdrawal(withdrawal_id) for withdrawal_id in self.left}

    def next_deadline_ns(self) -> int | None:
        return self.exchange.next_deadline_ns()

    def market_state(self, market: str) -> tuple[MarketState, int]:
        return self.exchange.market_state(market)

    def uncrossing(self, market: str) -> tuple[int, int] | None:
        return self.exchange.phase(market).uncrossing


def home(account: int, asset: str) -> str:
    """An account's deposit address, where no seed was set."""
    return Network().deposit_address(account, asset)


def queue(exchange: Exchange, market: str, side: Side) -> list[Order]:
    """A side of the engine's book in priority order: the one look behind its door that these tests take."""
    levels = exchange.live_markets[market].book.own(side)
    return [order for level in levels for order in level]


def answer_words(answer: e.Event) -> Answer:
    """The answer event in the oracle's words."""
    match answer:
        case e.OrderAccepted():
            return ("accepted", str(answer.order_id))
        case e.OrderRejected() | e.CommandRejected():
            return (str(answer.__struct_config__.tag), answer.code)
        case e.OrderRepeated():
            return ("repeated", str(answer.order_id))
        case e.OrdersCanceled():
            return ("canceled_all", *[str(order_id) for order_id in answer.order_ids])
        case e.AccountOpened():
            return ("account", str(answer.account_id), *(["repeated"] if answer.repeated else []))
        case e.Deposited() | e.Withdrawn():
            return (str(answer.__struct_config__.tag), *(["repeated"] if answer.repeated else []))
        case e.MarketStateChanged():
            return ("market_state", answer.state)
        case e.WithdrawalChanged():
            return ("withdrawal", f"w{answer.withdrawal.withdrawal_id}", answer.withdrawal.status)
        case e.WithdrawalRepeated():
            return ("repeated", f"w{answer.withdrawal_id}")
        case e.EpochBegun():
            return ("epoch", str(answer.epoch))
        case _:
            return (str(answer.__struct_config__.tag),)
