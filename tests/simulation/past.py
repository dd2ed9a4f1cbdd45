"""History held against the log: each row is what ought to have happened up to its cursor, and none is left out."""

from collections import Counter
from typing import Any

import msgspec

from cryptex.protocol.events import Fill
from cryptex.protocol.terms import Liquidity
from cryptex.protocol.withdrawal import Withdrawal
from tests.simulation.heard import order_fields
from tests.simulation.model import Fields, Model
from tests.simulation.stores import HistoryRows, MemoryHistory


class Past:
    """A machine's history, and the model of what it is of."""

    def __init__(self, model: Model, rows: HistoryRows) -> None:
        self._model = model
        self._rows = rows
        self._cursor = rows.position.sequence

    def check(self) -> None:
        """Go through all tables. Raises AssertionError."""
        self._check_orders()
        self._check_trades()
        self._check_fills()
        self._check_entries()
        self._check_withdrawals()

    def _stood(self, versions: Any) -> Fields | None:
        return self._model.at(versions, self._cursor)

    def _check_orders(self) -> None:
        history = MemoryHistory(self._rows)
        expected = {number for number, versions in self._model.orders.items() if self._stood(versions) is not None}
        assert self._rows.orders.keys() == expected, "history has other orders than the log"
        for number, order in self._rows.orders.items():
            told = order_fields(msgspec.to_builtins(history.view(order)))
            stood = self._stood(self._model.orders[number])
            assert told == stood, f"history has {told} and not {stood}"

    def _check_trades(self) -> None:
        expected = {number: at for number, (at, _) in self._model.deals.items() if at <= self._cursor}
        assert {number: at for number, (at, _, _) in self._rows.trades.items()} == expected, "other trades than the log"
        for number, (_, time_ns, trade) in self._rows.trades.items():
            _, deal = self._model.deals[number]
            told = (time_ns, trade.market, trade.price_ticks, trade.size_lots)
            stood = (deal.time_ns, deal.market, deal.price, deal.lots)
            assert told == stood, f"history has {trade} and not {deal}"

    def _check_fills(self) -> None:
        expected = Counter(
            (number, order_id)
            for number, (at, deal) in self._model.deals.items()
            for order_id in (deal.maker_order, deal.taker_order)
            if at <= self._cursor
        )
        fills = [fill for _, _, fill in self._rows.fills.values()]
        assert Counter((fill.trade_id, fill.order_id) for fill in fills) == expected, "other fills than the log"
        for fill in fills:
            self._check_fill(fill)

    def _check_fill(self, fill: Fill) -> None:
        _, deal = self._model.deals[fill.trade_id]
        order = self._model.oracle.orders[fill.order_id]
        assert (fill.account_id, fill.price_ticks, fill.size_lots) == (order.account, deal.price, deal.lots), fill
        as_taker = fill.order_id == deal.taker_order or (
            fill.liquidity is Liquidity.TAKER and self._model.is_of_auction(deal)
        )
        fee, symbol = self._model.fee(deal, order, taker=as_taker)
        assert self._model.oracle.assets[symbol].text(fill.fee_units) == fee, f"{fill} should pay {fee} {symbol}"

    def _check_entries(self) -> None:
        """Each entry sums to zero, and all of them together make the balances that stood at the cursor."""
        free: Counter[tuple[int, str]] = Counter()
        held: Counter[tuple[int, str]] = Counter()
        for sequence, _, postings in self._rows.entries.values():
            sums: Counter[str] = Counter()
            for posting in postings:
                sums[posting.asset] += posting.available_change + posting.held_change
                free[posting.account_id, posting.asset] += posting.available_change
                held[posting.account_id, posting.asset] += posting.held_change
            assert not any(sums.values()), f"an entry of sequence {sequence} does not sum to zero"
        for account, versions in self._model.balances.items():
            for symbol, line in (self._stood(versions) or {}).items():
                text = self._model.oracle.assets[symbol].text
                told = (text(free[account, symbol]), text(held[account, symbol]))
                assert told == (line["available"], line["held"]), f"account {account}: entries make {told}, not {line}"

    def _check_withdrawals(self) -> None:
        stood = {number: self._stood(versions) for number, versions in self._model.withdrawals.items()}
        expected = {number: fields for number, fields in stood.items() if fields is not None}
        told = {number: self._fields(one) for number, one in self._rows.withdrawals.items()}
        assert told == expected, f"history has withdrawals {told} and not {expected}"

    def _fields(self, one: Withdrawal) -> Fields:
        return {
            "id": one.withdrawal_id,
            "user_id": one.account_id,
            "asset": one.asset,
            "amount": self._model.oracle.assets[one.asset].text(one.units),
            "address": one.address,
            "reference": one.reference or None,
            "status": one.status.value,
            "reason": one.reason.value if one.reason else None,
        }
