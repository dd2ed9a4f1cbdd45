"""Subscriptions: sharing, coalescing, gaps, and the node's refusals."""

import asyncio
from collections.abc import Callable

import pytest

from cryptex.client.book_replica import BookReplica
from cryptex.client.errors import AccessError, InvalidRequestError
from cryptex.client.exchange import Exchange
from cryptex.client.feeds import SUBSCRIBE_INTERVAL_S
from cryptex.client.subscription import Subscription
from cryptex.protocol.channels import BookMessage
from cryptex.protocol.problems import Code
from cryptex.protocol.views import LevelView
from tests.client.conftest import States
from tests.client.fake_node import SILENCE, Asked, FakeNode, FakeTime, Refuse
from tests.client.views import TIME, book_message, orders_message


def refuse(code: Code) -> object:
    raise Refuse(code)


@pytest.mark.parametrize(
    ("watch", "params"),
    [
        (lambda e: e.watch_book("btc/usdt", 100), b'{"channel":"book","markets":["BTC-USDT"],"depth":100}'),
        (lambda e: e.watch_trades("BTC-USDT"), b'{"channel":"trades","markets":["BTC-USDT"]}'),
        (lambda e: e.watch_ticker("BTC-USDT"), b'{"channel":"ticker","markets":["BTC-USDT"]}'),
        (lambda e: e.watch_candles("BTC-USDT", "5m"), b'{"channel":"candles","markets":["BTC-USDT"],"interval":"5m"}'),
        (lambda e: e.watch_orders(), b'{"channel":"orders"}'),
        (lambda e: e.watch_fills(), b'{"channel":"fills"}'),
        (lambda e: e.watch_wallet(), b'{"channel":"wallet"}'),
    ],
)
async def test_each_channel_is_asked_for(
    node: FakeNode, exchange: Exchange, watch: Callable[[Exchange], object], params: bytes
) -> None:
    watch(exchange)
    await exchange.connect()
    assert (await node.expect("subscribe")).raw == params


async def live_book(node: FakeNode, exchange: Exchange) -> Subscription[BookReplica]:
    """Return a live subscription to the book of BTC-USDT at sequence 10."""
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    await node.expect("subscribe")
    await node.send(book_message("snapshot", 10, bids=[("100.00", "1.0")]))
    await book.ready()
    return book


async def test_it_turns_live_with_the_snapshot_and_follows(node: FakeNode, exchange: Exchange, time: FakeTime) -> None:
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    replica = book.replica
    assert (book.live, book.version, book.last_change_monotonic) == (False, 0, 0.0)
    await node.expect("subscribe")
    await node.send(book_message("snapshot", 10, bids=[("100.00", "1.0")]))
    await book.changed()
    assert (book.live, book.version, book.last_change_monotonic) == (True, 1, time.now_s)
    await node.send(book_message("update", 11, prev=10, bids=[("100.00", "0")]))
    await book.changed()
    assert book.replica is replica
    assert replica.bids == []


async def test_changes_that_nobody_looked_at_are_one(node: FakeNode, exchange: Exchange) -> None:
    await exchange.connect()
    async with exchange.watch_book("BTC-USDT") as book:
        await node.expect("subscribe")
        for sequence in range(10, 20):
            bids: list[LevelView] = [(f"{sequence}.00", "1")]
            first = sequence == 10
            await node.send(book_message("snapshot" if first else "update", sequence, prev=sequence - 1, bids=bids))
        await exchange.ping()
        seen = []
        async for replica in book:
            seen.append(replica.sequence)
            if replica.sequence == 20:
                break
            await node.send(book_message("update", 20, prev=19))
        assert seen == [19, 20]
        assert book.version == 11
    assert (await node.expect("unsubscribe")).params.channel == "book"


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(book_message("update", 12, prev=11), id="gap"),
        pytest.param(book_message("update", 11, prev=10, checksum=1), id="checksum"),
        pytest.param(book_message("update", 11, prev=10, epoch=2), id="epoch"),
    ],
)
async def test_what_does_not_fit_is_asked_for_anew(
    node: FakeNode, exchange: Exchange, time: FakeTime, message: BookMessage
) -> None:
    book = await live_book(node, exchange)
    time.waits_s.clear()
    await node.send(message)
    assert (await node.expect("unsubscribe")).params.depth == 25
    assert (await node.expect("subscribe")).params.depth == 25
    assert not book.live
    assert SUBSCRIBE_INTERVAL_S in time.waits_s
    await node.send(book_message("update", 13, prev=12))
    await node.send(book_message("snapshot", 20, bids=[("99.00", "1.0")]))
    await book.ready()
    await node.send(book_message("update", 21, prev=20))
    await book.changed()
    assert book.live


async def test_a_gap_while_still_subscribing_is_not_forgotten(node: FakeNode, exchange: Exchange) -> None:
    # The snapshot and a broken update come before the reply to subscribe.
    node.script["subscribe"] = lambda asked: SILENCE
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    asked = await node.expect("subscribe")
    await node.send(book_message("snapshot", 10))
    await node.send(book_message("update", 12, prev=11))
    await exchange.ping()
    assert not book.live
    await node.send({"id": asked.id, "ok": True, "result": {"channel": "book", "markets": ["BTC-USDT"]}, "time": TIME})
    await node.expect("unsubscribe")
    await node.expect("subscribe")
    await node.send(book_message("snapshot", 20))
    await book.ready()


async def test_a_resync_waits_for_the_snapshot_that_follows(node: FakeNode, exchange: Exchange) -> None:
    book = await live_book(node, exchange)
    await node.send(book_message("resync", 15))
    await book.changed()
    assert not book.live
    await node.send(book_message("snapshot", 16))
    await book.ready()
    await exchange.ping()
    assert "unsubscribe" not in {node.asked.get_nowait().method for _ in range(node.asked.qsize())}


async def test_subscriptions_to_one_channel_share_it(node: FakeNode, exchange: Exchange) -> None:
    first = await live_book(node, exchange)
    second = exchange.watch_book("BTC-USDT")
    other = exchange.watch_book("BTC-USDT", 10)
    assert (await node.expect("subscribe")).params.depth == 10
    assert second.replica is first.replica
    assert second.live
    await second.changed()
    await first.close()
    await first.close()
    assert not first.live
    assert second.live
    await second.close()
    assert (await node.expect("unsubscribe")).params.depth == 25
    await other.close()
    again = exchange.watch_book("BTC-USDT")
    assert again.replica is not first.replica
    assert (await node.expect("subscribe")).params.depth == 25


async def test_closing_wakes_who_waits(node: FakeNode, exchange: Exchange) -> None:
    book = await live_book(node, exchange)
    waiting = asyncio.create_task(anext(book, None))
    await asyncio.sleep(0)
    await book.close()
    assert await waiting is None


async def test_a_channel_that_the_node_refuses(node: FakeNode, exchange: Exchange) -> None:
    def subscribe(asked: Asked) -> object:
        return refuse(Code.UNKNOWN_MARKET if asked.params.markets else Code.UNAUTHENTICATED)

    node.script["subscribe"] = subscribe
    await exchange.connect()
    book, orders = exchange.watch_book("XXX-YYY"), exchange.watch_orders()
    with pytest.raises(InvalidRequestError):
        await book.ready()
    with pytest.raises(AccessError):
        await orders.changed()
    assert not book.live
    await book.close()
    node.drop()
    states = States(exchange)
    await states.wait("reconnecting")


async def test_a_node_that_cannot_just_now_is_asked_again(node: FakeNode, exchange: Exchange) -> None:
    good = node.script["subscribe"]
    codes = iter([Code.RATE_LIMITED, Code.UNAVAILABLE])

    def subscribe(asked: Asked) -> object:
        code = next(codes, None)
        return good(asked) if code is None else refuse(code)

    node.script["subscribe"] = subscribe
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    for _ in range(3):
        await node.expect("subscribe")
    await node.send(book_message("snapshot", 10))
    await book.ready()


async def test_another_user_gets_a_connection_and_snapshots_of_their_own(node: FakeNode, exchange: Exchange) -> None:
    await exchange.connect()
    orders = exchange.watch_orders()
    await node.expect("subscribe")
    await node.send(orders_message("snapshot", 10, []))
    await orders.ready()
    good = node.script["login"]
    node.script["login"] = lambda asked: good(asked) if node.connections == 2 else refuse(Code.FORBIDDEN)
    await exchange.use_token("another")
    assert (exchange.state, node.connections) == ("live", 2)
    assert not orders.live
    assert [(await node.expect("login")).params.token for _ in range(2)] == ["another", "another"]
    assert (await node.expect("subscribe")).params.channel == "orders"
    await node.send(orders_message("snapshot", 11, []))
    await orders.ready()


async def test_messages_for_nobody_are_passed_over(node: FakeNode, exchange: Exchange) -> None:
    book = await live_book(node, exchange)
    version = book.version
    await node.send(book_message("snapshot", 10, depth=10))
    await node.send(orders_message("snapshot", 10, []))
    await exchange.ping()
    assert book.version == version
