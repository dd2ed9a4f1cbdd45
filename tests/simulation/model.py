"""What ought to have happened: the log, played by the naive exchange, and how everything looked after each batch.

The naive exchange shares no code with the engine (`tests/engine/oracle.py`). This module keeps what a client could have
seen of it: orders, balances and books at each end of a batch, and the answer to every command.
"""

from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from cryptex.protocol import commands as c
from cryptex.protocol.market import SCALE, Market
from cryptex.protocol.terms import Side
from cryptex.protocol.times import time_text
from cryptex.store.batches import Batch
from tests.engine.oracle import Oracle
from tests.engine.oracle_state import Deal, Standing
from tests.engine.oracle_withdrawals import Leaving

Fields = dict[str, Any]
Versions = list[tuple[int, Fields]]
"""How something stood, each from the end of a batch on."""


class Done(NamedTuple):
    """A command of the log and its answer; `order` is how the order that it was about stood right after it."""

    sequence: int
    time_ns: int
    command: c.Command
    answer: tuple[str, ...]
    order: Fields | None
    available: int
    """What the account of a transfer had left of the asset."""


class Model:
    """The past, as it must have been."""

    def __init__(self, batches: list[Batch], voids: frozenset[int], homes: dict[tuple[str, str], int]) -> None:
        self.oracle = Oracle()
        self.oracle.homes.update(homes)
        self.done: list[Done] = []
        self.ends: list[int] = [0]
        self.times: dict[int, int] = {0: 0}
        self.epochs: dict[int, int] = {}
        """The first sequence of each epoch."""
        self.orders: dict[int, Versions] = {}
        self.balances: dict[int, Versions] = {}
        self.books: dict[str, Versions] = {}
        self.withdrawals: dict[int, Versions] = {}
        self.requested: dict[int, int] = {}
        """The sequence that each withdrawal began with."""
        self.deals: dict[int, tuple[int, Deal]] = {}
        """By trade id: the sequence of its command, and the trade."""
        self._of_auctions: set[int] = set()
        self._open: dict[int, Standing] = {}
        self._created: dict[int, int] = {}
        for batch in batches:
            for sequence, stamped in enumerate(batch.commands, batch.first_sequence):
                self._take(sequence, stamped, voided=sequence in voids)
            self._note(batch.last_sequence)
            self.times[batch.last_sequence] = batch.commands[-1].time_ns

    def _take(self, sequence: int, stamped: c.Stamped, *, voided: bool) -> None:
        oracle, command = self.oracle, stamped.command
        if isinstance(command, c.VoidCommand):
            command = c.Tick()  # what is due ends all the same
        assert stamped.time_ns > oracle.now, f"log time does not go forward at sequence {sequence}"
        if voided:
            oracle.now = stamped.time_ns
            return
        trades = len(oracle.trades)
        answer = oracle.apply(stamped.time_ns, command)
        for one in oracle.leaving[len(self.requested) :]:
            self.requested[one.id] = sequence
        if isinstance(command, c.BeginEpoch):
            self.epochs[oracle.epoch] = sequence
        for deal in oracle.trades[trades:]:
            self.deals[deal.id] = (sequence, deal)
            price, first = oracle.auctions.get(deal.market, (0, len(oracle.trades)))
            if first >= trades and deal.id > first and deal.price == price:
                self._of_auctions.add(deal.id)
        order = self._order_of(command, answer)
        available = 0
        if isinstance(command, c.Deposit | c.RequestWithdrawal):
            available = oracle.balance(command.account_id, command.asset)[0]
        fields = None if order is None else self.fields(order)
        self.done.append(Done(sequence, stamped.time_ns, command, answer, fields, available))

    def _order_of(self, command: c.Command, answer: tuple[str, ...]) -> Standing | None:
        if isinstance(command, c.PlaceOrder):
            if answer[0] == "rejected":
                return self.oracle.orders[len(self.oracle.orders)]
            return self.oracle.orders[int(answer[1])] if answer[0] in ("accepted", "repeated") else None
        if isinstance(command, c.CancelOrder | c.AmendOrder):
            found = self.oracle.orders.get(command.order_id)
            return found if found is not None and found.account == command.account_id else None
        return None

    def _note(self, at: int) -> None:
        """Remember how things look at the end of a batch."""
        oracle = self.oracle
        self.ends.append(at)
        known = len(self.orders)
        touched = {
            **self._open,
            **{number: oracle.orders[number] for number in range(known + 1, len(oracle.orders) + 1)},
        }
        changed: set[str] = set()
        for order_id, order in touched.items():
            fields = self.fields(order)
            versions = self.orders.setdefault(order_id, [])
            if not versions or versions[-1][1] != fields:
                versions.append((at, fields))
                changed.add(order.ask.market)
        self._open = {order_id: order for order_id, order in touched.items() if order.is_open}
        for market in changed:
            self._add(self.books, market, at, self._book(market))
        for one in oracle.leaving:
            self._add(self.withdrawals, one.id, at, self._withdrawal(one))
        by_account: dict[int, Fields] = {}
        for (account, asset), (free, held) in oracle.funds.items():
            text = oracle.assets[asset].text
            by_account.setdefault(account, {})[asset] = {
                "asset": asset,
                "balance": text(free + held),
                "held": text(held),
                "available": text(free),
            }
        for account, fields in by_account.items():
            self._add(self.balances, account, at, fields)

    @staticmethod
    def _add(versions: dict[Any, Versions], key: Any, at: int, fields: Fields) -> None:
        known = versions.setdefault(key, [])
        if not known or known[-1][1] != fields:
            known.append((at, fields))

    def _book(self, symbol: str) -> Fields:
        market = self.oracle.markets[symbol]
        sides: Fields = {"bids": {}, "asks": {}}
        for order in self._open.values():
            if order.rests and order.ask.market == symbol:
                levels = sides["bids" if order.side is Side.BUY else "asks"]
                levels[order.price] = levels.get(order.price, 0) + order.remaining
        return {
            "bids": [
                [market.price_text(p), market.size_text(s)] for p, s in sorted(sides["bids"].items(), reverse=True)
            ],
            "asks": [[market.price_text(p), market.size_text(s)] for p, s in sorted(sides["asks"].items())],
        }

    def _withdrawal(self, one: Leaving) -> Fields:
        return {
            "id": one.id,
            "user_id": one.ask.account_id,
            "asset": one.ask.asset,
            "amount": self.oracle.assets[one.ask.asset].text(one.ask.units),
            "address": one.ask.address,
            "reference": one.ask.reference or None,
            "status": one.status.value,
            "reason": one.reason.value if one.reason else None,
        }

    def fields(self, order: Standing) -> Fields:
        """Return an order as its owner should see it."""
        market, ask = self.oracle.markets[order.ask.market], order.ask
        received = market.base if order.side is Side.BUY else market.quote
        size = market.size_text
        return {
            "id": order.id,
            "user_id": order.account,
            "client_order_id": ask.client_order_id or None,
            "market": market.symbol,
            "side": ask.side.value,
            "type": ask.type.value,
            "status": order.status.value,
            "price": market.price_text(order.price) if order.price else None,
            "stop_price": market.price_text(order.stop) if order.stop else None,
            "size": size(order.size) if order.size else None,
            "quote_size": market.quote.text(ask.quote_units) if ask.quote_units else None,
            "filled": size(order.filled),
            "remaining": size(order.remaining),
            "canceled_size": size(order.canceled),
            "average_price": market.average_price_text(order.spent, order.filled) if order.filled else None,
            "fees": {received.symbol: received.text(order.fee)} if order.filled else {},
            "time_in_force": ask.time_in_force.value,
            "expires_at": time_text(ask.expires_ns) if ask.expires_ns else None,
            "post_only": ask.post_only,
            "self_trade_prevention": ask.self_trade_prevention.value,
            "reason": order.reason.value if order.reason else None,
            "reject_code": order.code.value if order.code else None,
        }

    # looking back

    @staticmethod
    def at(versions: Versions | None, sequence: int) -> Fields | None:
        """Return the version that stood at a sequence."""
        found = None
        for at, fields in versions or ():
            if at > sequence:
                break
            found = fields
        return found

    def market(self, symbol: str) -> Market:
        """Return a market's definition."""
        return self.oracle.markets[symbol]

    def is_of_auction(self, deal: Deal) -> bool:
        """Whether a trade may be one of an auction, in which both sides pay as takers."""
        return deal.id in self._of_auctions

    def trade(self, trade_id: int) -> Fields:
        """Return a trade as the public should see it."""
        _, deal = self.deals[trade_id]
        market = self.market(deal.market)
        return {
            "id": deal.id,
            "price": market.price_text(deal.price),
            "size": market.size_text(deal.lots),
            "side": deal.side.value,
            "time": time_text(deal.time_ns),
        }

    def fee(self, deal: Deal, order: Standing, *, taker: bool) -> tuple[str, str]:
        """Return what a side of a trade pays, and in what."""
        market = self.market(deal.market)
        cost, size = deal.price * deal.lots * market.notional_units, deal.lots * market.lot_units
        received, units = (market.base, size) if order.side is Side.BUY else (market.quote, cost)
        rate = market.taker_fee_e8 if taker else market.maker_fee_e8
        return received.text(ceil(Fraction(units * rate, SCALE))), received.symbol
