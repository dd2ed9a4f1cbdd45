"""The auditor: whether what clients were told, and what is on disk, is what ought to have happened.

It knows what clients asked and heard, and the log; what the log means it works out itself (`model.py`).
"""

from collections import defaultdict
from typing import Any

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.node.core import Core
from cryptex.node.replay import replay_batch
from cryptex.protocol.terms import FEE_ACCOUNT, NANOSECONDS_PER_SECOND, OUTSIDE_ACCOUNT
from cryptex.store.batches import voided_by
from tests.simulation.heard import Channels
from tests.simulation.model import Model
from tests.simulation.past import Past
from tests.simulation.record import Record
from tests.simulation.replies import Replies
from tests.simulation.stores import Machine

PATIENCE_NS = 2 * NANOSECONDS_PER_SECOND
"""So late may be what waits for a time."""


def audit(record: Record, machine: Machine, core: Core, connections: set[int], digest: Any) -> None:
    """Hold everything against everything. `connections` are those open now. Raises AssertionError."""
    batches = machine.journal.batches()
    voids = frozenset(voided for batch in batches for voided, _ in voided_by(batch.first_sequence, batch.commands))
    model = Model(batches, voids, record.homes)
    Replies(record, model).check()
    Channels(record, model).check()
    _check_funds(model)
    _check_live(model, core)
    _check_ends(model, core, connections)
    replayed = Exchange()
    for batch in batches:
        for _ in replay_batch(replayed, batch, voids):
            pass
        replayed.take_closed()
    live = state_hash(core.exchange)
    assert state_hash(replayed) == live, "replay gives another state than the live one"
    replayed.check()
    Past(model, machine.history).check()
    digest.update(f"{machine.journal.rows[-1].hash.hex()} {live}".encode())


def _check_funds(model: Model) -> None:
    """Nothing was made or destroyed; only the outside world may be below zero; fees are what fills paid."""
    sums: dict[str, int] = defaultdict(int)
    for (account, asset), (free, held) in model.oracle.funds.items():
        sums[asset] += free + held
        assert account == OUTSIDE_ACCOUNT or (free >= 0 and held >= 0), f"account {account} has {free} + {held} {asset}"
    assert not any(sums.values()), f"money was made or destroyed: {dict(sums)}"
    fees: dict[str, int] = defaultdict(int)
    for order in model.oracle.orders.values():
        market = model.market(order.ask.market)
        fees[(market.base if order.side.value == "buy" else market.quote).symbol] += order.fee
    for asset, units in fees.items():
        assert model.oracle.balance(FEE_ACCOUNT, asset)[0] == units, f"fees in {asset}"


def _check_live(model: Model, core: Core) -> None:
    """The running node has the balances and open orders that it should have, users and accounts agree."""
    exchange = core.exchange
    for account in [*exchange.accounts(), FEE_ACCOUNT, OUTSIDE_ACCOUNT]:
        for asset, free, held in exchange.balances(account):
            expected = model.oracle.balance(account, asset.symbol)
            assert (free, held) == expected, f"account {account} has {free} + {held} {asset.symbol}, not {expected}"
    live = {order.order_id for account in exchange.accounts() for order in exchange.open_orders(account)}
    expected_ids = {order.id for order in model.oracle.orders.values() if order.is_open}
    assert live == expected_ids, f"orders are open that should not be, or the other way round: {live ^ expected_ids}"
    assert set(exchange.accounts()) == core.users.known_ids(), "each account has its user, and one only"


def _check_ends(model: Model, core: Core, connections: set[int]) -> None:
    """What should have ended has: what is due by the clock, and what was tied to connections that are gone."""
    oracle = model.oracle
    now_ns = min(core.clock.now_ns() - PATIENCE_NS, 2**62)
    due = [deadline for deadline in oracle.deadlines() if deadline[0] < now_ns]
    assert not due, f"overdue at {now_ns}: {due}"
    orders = {order.ask.connection_id for order in oracle.orders.values() if order.is_tied and order.is_open}
    gone = ({connection for _, connection in oracle.tied} | orders) - connections
    assert not gone, f"connections {gone} are gone, and orders are tied to them"
