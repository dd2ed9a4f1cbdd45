"""Recent activity: bounded, private, and carried by snapshots."""

import msgspec
import pytest

from cryptex.node import recent as recent_module
from cryptex.node.clock import ManualClock
from cryptex.node.recent import RECENT_MAX, RecentActivity
from cryptex.node.replay import State
from cryptex.protocol.commands import CancelOrder, Command
from cryptex.protocol.events import MarketDefined
from cryptex.protocol.terms import Side
from cryptex.store.journal import MemoryJournal
from tests.node.house import MARKET, configured, limit, open_account


class Table:
    """Two accounts that trade, and what is recent."""

    def __init__(self) -> None:
        self.state: State = configured(MemoryJournal(), ManualClock())
        self.recent = self.state.recent
        for name in ("anna", "bela"):
            self.do(open_account(name))

    def do(self, *commands: Command) -> None:
        exchange = self.state.exchange
        for command in commands:
            events = exchange.apply(exchange.time_ns + 1, command)
            self.recent.apply(exchange.sequence, exchange.time_ns, events)
        self.recent.add_closed(exchange.take_closed())

    def match(self) -> None:
        """Let the first account sell to the second."""
        self.do(limit(1, Side.SELL, 1000), limit(2, Side.BUY, 1000))


def test_closed_orders_and_fills_are_kept_by_account() -> None:
    table = Table()
    table.match()
    [sold], [bought] = table.recent.closed_orders(1), table.recent.closed_orders(2)
    assert (sold.order_id, bought.order_id) == (1, 2)
    [(sequence, time_ns, fill)] = table.recent.fills(2)
    assert (sequence, time_ns) == (table.state.exchange.sequence, table.state.exchange.time_ns)
    assert fill.account_id == 2
    assert table.recent.closed_orders(3) == []
    assert table.recent.fills(3) == []


def test_only_the_last_are_kept_but_closed_orders_stay_until_projected() -> None:
    table = Table()
    for order_id in range(1, RECENT_MAX + 6):
        table.do(limit(1, Side.BUY, 1000), CancelOrder(1, order_id))
    assert [order.order_id for order in table.recent.closed_orders(1)] == list(range(6, RECENT_MAX + 6))
    first = table.recent.find_order(1, 1)
    assert first is not None
    assert table.recent.find_order(2, 1) is None, "another account's order"
    table.recent.projected(first.sequence - 1)
    assert table.recent.find_order(1, 1) is first
    table.recent.projected(first.sequence)
    assert table.recent.find_order(1, 1) is None
    assert table.recent.find_order(1, 2) is not None
    table.recent.projected(table.state.exchange.sequence)
    assert table.recent.find_order(1, 50) is not None, "among the last hundred"
    assert table.recent.find_order(2, 50) is None


def test_accounts_quiet_for_longest_are_forgotten_once_history_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_module, "ACCOUNTS_MAX", 1)
    table = Table()
    table.match()
    table.do(limit(2, Side.BUY, 1000), CancelOrder(2, 3))
    quiet = table.recent.closed_orders(1)[0].sequence
    table.recent.projected(quiet - 1)
    assert table.recent.closed_orders(1)
    table.recent.projected(quiet)
    assert table.recent.closed_orders(1) == []
    assert len(table.recent.closed_orders(2)) == 2


def test_what_waits_for_the_projector_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_module, "UNPROJECTED_MAX", 2)
    table = Table()
    for order_id in range(1, RECENT_MAX + 4):
        table.do(limit(1, Side.BUY, 1000), CancelOrder(1, order_id))
    assert table.recent.find_order(1, 1) is None


def test_a_dump_goes_on_where_it_was_taken() -> None:
    table = Table()
    table.match()
    copy = RecentActivity.load(table.recent.dump())
    assert copy.dump() == table.recent.dump()
    assert [order.order_id for order in copy.closed_orders(1)] == [1]
    assert copy.fills(2) == table.recent.fills(2)
    with pytest.raises(msgspec.DecodeError):
        RecentActivity.load(b"nonsense")


def test_other_steps_leave_nothing_that_counts_in_the_old_ones() -> None:
    table = Table()
    table.match()
    market = table.state.exchange.markets[MARKET]
    table.recent.apply(99, 99, [MarketDefined(market)])
    assert table.recent.fills(1)
    table.recent.apply(100, 100, [MarketDefined(market, steps_changed=True)])
    assert table.recent.fills(1) == []
    assert table.recent.closed_orders(2) == []
    assert table.recent.find_order(1, 1) is None
