"""Coming back: with `since` where the chain may go on, and with a snapshot where it may not."""

import json

from cryptex.client.book_replica import BookReplica
from cryptex.client.exchange import Exchange
from cryptex.client.subscription import Subscription
from cryptex.protocol.channels import LoginResult, SubscribeResult
from tests.client.conftest import States
from tests.client.fake_node import Asked, FakeNode
from tests.client.views import book_message, orders_message

SINCE = {"epoch": 1, "sequence": 10}


def resumes(asked: Asked) -> SubscribeResult:
    """Say that what was missed follows, wherever that was asked for."""
    return SubscribeResult(asked.params.channel, asked.params.markets, resumed=b'"since"' in asked.raw)


async def interrupted(node: FakeNode, exchange: Exchange, states: States) -> Subscription[BookReplica]:
    """Return a book that was live at sequence 10 when its connection was lost, and is asked for again."""
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    assert "since" not in json.loads((await node.expect("subscribe")).raw)
    await node.send(book_message("snapshot", 10, bids=[("100.00", "1.0")]))
    await book.ready()
    node.drop()
    await states.wait("reconnecting")
    assert not book.live
    await states.wait("live")
    assert json.loads((await node.expect("subscribe")).raw)["since"] == SINCE
    return book


async def test_what_was_missed_makes_it_live_again(node: FakeNode, exchange: Exchange, states: States) -> None:
    node.script["subscribe"] = resumes
    book = await interrupted(node, exchange, states)
    await node.send(book_message("update", 12, prev=10, bids=[("101.00", "1.0")]))
    await node.send(book_message("update", 15, prev=12, bids=[("100.00", "0")]))
    await exchange.ping()
    assert (book.live, book.replica.sequence) == (True, 15)
    assert [str(level.price) for level in book.replica.bids] == ["101.00"]


async def test_where_nothing_was_missed_the_reply_makes_it_live(
    node: FakeNode, exchange: Exchange, states: States
) -> None:
    node.script["subscribe"] = resumes
    book = await interrupted(node, exchange, states)
    replica = await book.ready()
    assert (replica.sequence, str(replica.bids[0].price)) == (10, "100.00")


async def test_a_node_that_cannot_go_on_sends_a_snapshot(node: FakeNode, exchange: Exchange, states: States) -> None:
    book = await interrupted(node, exchange, states)
    await exchange.ping()
    assert not book.live
    await node.send(book_message("snapshot", 3, epoch=2, bids=[("98.00", "1.0")]))
    replica = await book.ready()
    assert (replica.epoch, str(replica.bids[0].price)) == (2, "98.00")


async def test_an_update_that_does_not_follow_is_a_gap(node: FakeNode, exchange: Exchange, states: States) -> None:
    book = await interrupted(node, exchange, states)
    await node.send(book_message("update", 15, prev=12))
    await node.expect("unsubscribe")
    assert "since" not in json.loads((await node.expect("subscribe")).raw), "a broken chain does not go on"
    await node.send(book_message("snapshot", 20))
    await book.ready()


async def test_a_second_loss_before_anything_came_asks_for_the_same(
    node: FakeNode, exchange: Exchange, states: States
) -> None:
    await interrupted(node, exchange, states)
    node.drop()
    await states.wait("reconnecting")
    await states.wait("live")
    assert json.loads((await node.expect("subscribe")).raw)["since"] == SINCE


async def test_the_orders_of_another_user_are_not_gone_on_with(
    node: FakeNode, exchange: Exchange, states: States
) -> None:
    await exchange.connect()
    orders, book = exchange.watch_orders(), exchange.watch_book("BTC-USDT")
    for _ in range(2):
        await node.expect("subscribe")
    await node.send(orders_message("snapshot", 10, []))
    await node.send(book_message("snapshot", 10))
    await orders.ready()
    await book.ready()
    node.script["login"] = lambda asked: LoginResult(2, "jane", 1)
    node.drop()
    await states.wait("reconnecting")
    await states.wait("live")
    asked = [await node.expect("subscribe") for _ in range(2)]
    with_since = {each.params.channel: "since" in json.loads(each.raw) for each in asked}
    assert with_since == {"orders": False, "book": True}
