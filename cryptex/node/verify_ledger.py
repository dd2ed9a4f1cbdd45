"""The ledger kept a second time, from postings alone, to be held against what the engine says."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from cryptex.engine.exchange import Exchange
from cryptex.node.findings import Findings
from cryptex.protocol.events import Event, Fill, Posting
from cryptex.protocol.order import Order
from cryptex.protocol.terms import FEE_ACCOUNT, OUTSIDE_ACCOUNT, EntryKind, OrderType, Side

ZERO_SUMS: Final = "zero sums"
BALANCES: Final = "balances"
HOLDS: Final = "holds"
FEES: Final = "fees"

_Key = tuple[int, str]
"""Account and asset."""

FirstBad = Callable[[Callable[[Exchange], bool]], int]
"""Returns the sequence from which on an exchange is bad in some way."""


class SecondLedger:
    """Folds postings and fills; says where an entry does not sum to zero, a balance or a fee is another."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.available: dict[_Key, int] = defaultdict(int)
        self.held: dict[_Key, int] = defaultdict(int)
        self.entries = 0
        self.fills = 0

    def fold(self, sequence: int, events: Sequence[Event], exchange: Exchange) -> None:
        """Take in what a command did; the exchange still has the definitions that its amounts count in."""
        sums: dict[tuple[int, str], int] = defaultdict(int)
        fees: dict[str, int] = defaultdict(int)
        for event in events:
            if isinstance(event, Posting):
                self._post(sequence, event)
                sums[event.entry_id, event.asset] += event.available_change + event.held_change
                if event.account_id == FEE_ACCOUNT and event.kind is EntryKind.TRADE:
                    fees[event.asset] -= event.available_change
            elif isinstance(event, Fill):
                market = exchange.definition(event.market)
                fees[(market.base if event.side is Side.BUY else market.quote).symbol] += event.fee_units
                self.fills += 1
        self.entries += len({entry_id for entry_id, _ in sums})
        for (entry_id, asset), units in sums.items():
            if units:
                self._findings.broken(ZERO_SUMS, f"entry {entry_id} sums to {units} units of {asset}", sequence)
        for asset, units in fees.items():
            if units:
                self._findings.broken(FEES, f"fees of fills and of the fee account differ by {units} {asset}", sequence)

    def _post(self, sequence: int, posting: Posting) -> None:
        key = (posting.account_id, posting.asset)
        self.available[key] += posting.available_change
        self.held[key] += posting.held_change
        if (self.available[key], self.held[key]) != (posting.available, posting.held):
            self._findings.broken(
                BALANCES,
                f"entry {posting.entry_id} says account {key[0]} has {posting.available} + {posting.held} units of "
                f"{key[1]}; its postings sum to {self.available[key]} + {self.held[key]}",
                sequence,
            )

    def compare(self, exchange: Exchange, first_bad: FirstBad) -> None:
        """Hold balances and holds against the exchange as it is now; `first_bad` says from where on they are wrong."""
        at = exchange.sequence
        engine: dict[_Key, tuple[int, int]] = {
            (account_id, asset): (balance.available, balance.held)
            for account_id, account in exchange.accounts_by.by_id.items()
            for asset, balance in account.balances.items()
        }
        needs = _needs(exchange)
        wrong_holds: list[str] = []
        for key in engine.keys() | self.available.keys() | needs.keys():
            mine = (self.available.get(key, 0), self.held.get(key, 0))
            theirs = engine.get(key, (0, 0))
            name = f"account {key[0]} in {key[1]}"
            if mine != theirs:
                self._findings.broken(BALANCES, f"{name}: postings give {mine}, the engine has {theirs}", at)
            if key[0] != OUTSIDE_ACCOUNT and min(theirs) < 0:
                self._findings.broken(BALANCES, f"{name} is below zero: {theirs}", at)
            if theirs[1] != needs.get(key, 0):
                need = f"open orders and withdrawals need {needs.get(key, 0)}"
                wrong_holds.append(f"{name}: {theirs[1]} held, {need}")
        if wrong_holds:
            self._findings.broken(HOLDS, wrong_holds[0], first_bad(_holds_wrongly))
        self._findings.held(ZERO_SUMS, f"{self.entries} entries sum to zero for each asset")
        self._findings.held(BALANCES, f"{len(self.available)} balances are the sums of their postings")
        orders, withdrawals = len(exchange.orders.live), len(exchange.withdrawals.live)
        detail = f"what is held is what {orders} open orders and {withdrawals} withdrawals need"
        self._findings.held(HOLDS, detail)
        self._findings.held(FEES, f"the fees of {self.fills} fills reached the fee account")


def _holds_wrongly(exchange: Exchange) -> bool:
    """Whether somebody holds other funds than are needed."""
    needs = _needs(exchange)
    held = {
        (account_id, asset): balance.held
        for account_id, account in exchange.accounts_by.by_id.items()
        for asset, balance in account.balances.items()
    }
    return any(held.get(key, 0) != needs.get(key, 0) for key in held.keys() | needs.keys())


def _needs(exchange: Exchange) -> dict[_Key, int]:
    """Return what open orders need to be able to fill, and withdrawals to go out, by account and asset."""
    needs: dict[_Key, int] = defaultdict(int)
    for withdrawal in exchange.withdrawals.live.values():
        needs[withdrawal.account_id, withdrawal.asset] += withdrawal.units
    for order in exchange.orders.live.values():
        market = exchange.definition(order.market)
        asset = market.quote if order.side is Side.BUY else market.base
        if units := _need_units(order, market.lot_units, market.notional_units):
            needs[order.account_id, asset.symbol] += units
    return needs


def _need_units(order: Order, lot_units: int, notional_units: int) -> int:
    if order.side is Side.SELL:
        return order.remaining_lots * lot_units
    if order.price_ticks:
        return order.price_ticks * order.remaining_lots * notional_units
    return order.request.quote_units if order.request.type is OrderType.STOP else 0
