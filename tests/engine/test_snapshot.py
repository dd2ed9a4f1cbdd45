"""Snapshots: a state comes back whole, goes on as if nothing had happened, and damaged bytes are not believed."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_VERSION, dump, load, state_hash
from cryptex.protocol import commands as c
from cryptex.protocol.terms import OrderType, Side
from tests.engine.pair import replayed
from tests.engine.subject import queue
from tests.engine.test_determinism import busy_log
from tests.engine.world import MARKET, WITH_BAND, opening

LOG = busy_log(300)
SMALL = dump(replayed(Exchange(), LOG[:60], []))


def test_an_empty_exchange_comes_back() -> None:
    exchange = load(dump(Exchange()))
    assert state_hash(exchange) == state_hash(Exchange())
    assert (exchange.sequence, exchange.time_ns, exchange.epoch) == (0, 0, 0)


@pytest.mark.parametrize("cut", range(10, len(LOG), 37))
def test_snapshot_and_tail_equal_the_whole_log(cut: int) -> None:
    whole_events: list[object] = []
    whole = replayed(Exchange(), LOG[:cut], [])
    half = load(dump(whole))
    half.check()
    tail_events: list[object] = []
    replayed(whole, LOG[cut:], whole_events)  # type: ignore[arg-type]
    replayed(half, LOG[cut:], tail_events)  # type: ignore[arg-type]
    assert tail_events == whole_events
    assert dump(half) == dump(whole)


def test_what_is_read_is_the_same_after_loading() -> None:
    one = replayed(Exchange(), LOG, [])
    other = load(dump(one))
    assert other.depth(MARKET, 100) == one.depth(MARKET, 100)
    assert other.best(MARKET) == one.best(MARKET)
    assert other.last_price_ticks(MARKET) == one.last_price_ticks(MARKET)
    assert other.next_deadline_ns() == one.next_deadline_ns()
    assert other.markets == one.markets
    assert other.assets == one.assets
    for side in Side:
        ids = [[order.order_id for order in queue(exchange, MARKET, side)] for exchange in (one, other)]
        assert ids[0] == ids[1]
    for account in one.accounts():
        assert other.balances(account) == one.balances(account)
        assert [order.order_id for order in other.open_orders(account)] == [
            order.order_id for order in one.open_orders(account)
        ]


def test_a_voided_command_takes_its_sequence_and_nothing_else() -> None:
    commands = opening(WITH_BAND)
    with_void, without = Exchange(), Exchange()
    for time_ns, command in enumerate(commands, 1):
        with_void.apply(time_ns, command)
        without.apply(time_ns, command)
    place = c.PlaceOrder(1, MARKET, Side.BUY, OrderType.LIMIT, 2, 100)
    with_void.skip(100)
    with_void.apply(101, c.VoidCommand(with_void.sequence))
    assert with_void.sequence == len(commands) + 2
    assert with_void.open_orders(1) == []
    again = load(dump(with_void))
    assert state_hash(again) == state_hash(with_void)
    for exchange in (with_void, without, again):
        exchange.apply(102, place)
        assert [order.order_id for order in exchange.open_orders(1)] == [1]
    assert state_hash(again) == state_hash(with_void)
    assert with_void.balances(1) == without.balances(1)


def test_skipping_is_what_replay_does_with_a_void() -> None:
    whole = replayed(Exchange(), LOG[:50], [])
    whole.skip(LOG[50][0])
    half = load(dump(replayed(Exchange(), LOG[:50], [])))
    half.skip(LOG[50][0])
    assert state_hash(half) == state_hash(whole)


@pytest.mark.parametrize("data", [b"", b"\x00", b"snapshot", b"\x90", b"\xc1", b"\x81\xa1a\x01"])
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load(data)


def test_cut_bytes_are_refused() -> None:
    data = dump(replayed(Exchange(), LOG, []))
    for length in range(0, len(data) - 1, 501):
        with pytest.raises(ValueError, match=r".+"):
            load(data[:length])


@settings(max_examples=120, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(place=st.integers(0, len(SMALL) - 1), change=st.integers(1, 255))
def test_a_flipped_byte_is_refused_as_value_error_or_not_at_all(place: int, change: int) -> None:
    """That the state is the one that was saved is for the snapshot's checksum and state hash to say."""
    tampered = SMALL[:place] + bytes([SMALL[place] ^ change]) + SMALL[place + 1 :]
    with suppress(ValueError):
        load(tampered)


def test_an_order_that_the_snapshot_does_not_have_is_refused() -> None:
    state = msgspec.msgpack.decode(SMALL)
    orders = next(field for field in state if isinstance(field, list) and field and "order_id" in field[0])
    orders.clear()
    with pytest.raises(ValueError, match=r".+"):
        load(msgspec.msgpack.encode(state))


def test_another_rules_version_is_refused() -> None:
    state = msgspec.msgpack.decode(dump(Exchange()))
    assert state[0] == RULES_VERSION, "the rules version is the first field"
    state[0] += 1
    with pytest.raises(ValueError, match="rules version"):
        load(msgspec.msgpack.encode(state))
