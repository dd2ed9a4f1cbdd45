"""The same log gives the same state: in another process, under another hash seed, whoever reads it meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.protocol.codec import decode_batch, encode_batch
from cryptex.protocol.commands import Command, Stamped
from tests.engine.pair import replayed
from tests.engine.test_soak import Trader
from tests.engine.world import MARKET, WITH_BAND, opening

ROOT = Path(__file__).parents[2]
SECOND_NS = 10**9
PROGRAM = """
import sys
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import state_hash
from cryptex.protocol.codec import decode_batch
exchange = Exchange()
for stamped in decode_batch(sys.stdin.buffer.read()):
    exchange.apply(stamped.time_ns, stamped.command)
print(state_hash(exchange))
"""


def busy_log(commands: int = 400) -> list[tuple[int, Command]]:
    """A day's commands, made while an exchange follows them."""
    exchange, trader, log = Exchange(), Trader(99, WITH_BAND), []
    for command in opening(WITH_BAND, lots=200):
        log.append((len(log) + 1, command))
        exchange.apply(*log[-1])
    for _ in range(commands):
        now = exchange.time_ns + 5 * SECOND_NS
        open_ids = [(order.order_id, order.account_id) for a in (1, 2, 3) for order in exchange.open_orders(a)]
        log.append((now, trader.next(now, open_ids)))
        exchange.apply(*log[-1])
    return log


def test_the_state_hash_does_not_depend_on_the_hash_seed() -> None:
    log = busy_log()
    expected = state_hash(replayed(Exchange(), log, []))
    batch = encode_batch([Stamped(time_ns, command) for time_ns, command in log])
    for seed in ("0", "1", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM], input=batch, capture_output=True, check=True, env=environment
        )
        assert ran.stdout.decode().strip() == expected


def test_a_log_that_went_through_the_journal_format_gives_the_same_state() -> None:
    log = busy_log(200)
    batch = decode_batch(encode_batch([Stamped(time_ns, command) for time_ns, command in log]))
    assert [(stamped.time_ns, stamped.command) for stamped in batch] == log
    again = replayed(Exchange(), [(stamped.time_ns, stamped.command) for stamped in batch], [])
    assert state_hash(again) == state_hash(replayed(Exchange(), log, []))


def test_reading_changes_nothing() -> None:
    log = busy_log(200)
    quiet, watched = Exchange(), Exchange()
    for time_ns, command in log:
        quiet.apply(time_ns, command)
        watched.apply(time_ns, command)
        watched.take_closed()
        watched.next_deadline_ns()
        watched.depth(MARKET, 5) if MARKET in watched.markets else None
        watched.balances(7)
        watched.order_id_for(1, "nobody")
        watched.open_orders(9)
        state_hash(watched)
    assert state_hash(quiet) == state_hash(watched)


def test_best_and_depth_agree() -> None:
    exchange = replayed(Exchange(), busy_log(200), [])
    bids, asks = exchange.depth(MARKET, 1)
    assert exchange.best(MARKET) == (bids[0][0] if bids else None, asks[0][0] if asks else None)
    assert len(exchange.depth(MARKET, 3)[0]) <= 3
