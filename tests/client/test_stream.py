"""The connection's life: keep alive, loss, backoff, shutdown, and the end."""

import asyncio

import pytest

from cryptex.client.errors import AccessError, NodeUnreachableError
from cryptex.client.exchange import Exchange
from cryptex.client.stream import SHUTDOWN_GRACE_S, STABLE_AFTER_S
from cryptex.client.timing import BACKOFF_FIRST_S, BACKOFF_MAX_S, Backoff
from cryptex.protocol.channels import StatusMessage
from cryptex.protocol.problems import Code
from tests.client.conftest import States
from tests.client.fake_node import SILENCE, FakeNode, FakeTime, Refuse
from tests.client.views import book_message, orders_message


def refuse(code: Code) -> object:
    raise Refuse(code)


def test_waits_double_up_to_a_limit_and_have_full_jitter() -> None:
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.next_s() for _ in range(40)]
    assert waits[:4] == [BACKOFF_FIRST_S, BACKOFF_FIRST_S * 2, BACKOFF_FIRST_S * 4, BACKOFF_FIRST_S * 8]
    assert max(waits) == waits[-1] == BACKOFF_MAX_S
    backoff.reset()
    assert backoff.next_s() == BACKOFF_FIRST_S
    assert Backoff(lambda: 0.0).next_s() == 0.0


async def test_the_first_connection_is_one_attempt(node: FakeNode, exchange: Exchange, states: States) -> None:
    await node.stop()
    with pytest.raises(NodeUnreachableError, match="cannot connect"):
        await exchange.connect()
    assert states.seen == ["connecting", "closed"]
    await node.start()
    await exchange.connect()
    await exchange.connect()
    assert (exchange.state, exchange.error, node.connections) == ("live", None, 1)


async def test_a_lost_connection_comes_back_with_everything(node: FakeNode, exchange: Exchange, states: States) -> None:
    await exchange.connect()
    await exchange.cancel_on_disconnect()
    book = exchange.watch_book("btc/usdt")
    orders = exchange.watch_orders()
    await node.send(book_message("snapshot", 10, bids=[("100.00", "1.0")]))
    await node.send(orders_message("snapshot", 10, []))
    await book.ready()
    await orders.ready()
    while not node.asked.empty():
        node.asked.get_nowait()

    node.drop()
    await states.wait("reconnecting")
    assert not book.live
    assert not orders.live
    assert book.replica.best_bid is not None
    assert exchange.latency_ms is None
    with pytest.raises(NodeUnreachableError):
        await exchange.order(1)

    await states.wait("live")
    assert (await node.expect("login")).params.token == "token"
    assert (await node.expect("cancel_on_disconnect")).params.enabled
    assert {(await node.expect("subscribe")).params.channel for _ in range(2)} == {"book", "orders"}
    await node.send(book_message("snapshot", 3, epoch=2, bids=[("98.00", "1.0")]))
    replica = await book.ready()
    assert [str(level.price) for level in replica.bids] == ["98.00"]
    assert not orders.live
    assert states.seen == ["connecting", "live", "reconnecting", "live"]


async def test_it_tries_again_and_again_with_growing_waits(
    node: FakeNode, exchange: Exchange, states: States, time: FakeTime
) -> None:
    attempts = iter([Code.UNAVAILABLE, Code.RATE_LIMITED, Code.INTERNAL_ERROR, None])
    await exchange.connect()
    good = node.script["login"]

    def login(asked: object) -> object:
        code = next(attempts)
        return good(asked) if code is None else refuse(code)  # type: ignore[arg-type]

    node.script["login"] = login
    time.waits_s.clear()
    node.drop()
    await states.wait("reconnecting")
    await states.wait("live")
    assert [wait_s for wait_s in time.waits_s if wait_s < 5] == [BACKOFF_FIRST_S * 2**n / 2 for n in range(4)]
    assert next(attempts, "none left") == "none left"

    # A connection that did not last goes on with long waits; one that did begins again with short ones.
    for lasted_s, expected_s in ((0.0, BACKOFF_FIRST_S * 2**4 / 2), (STABLE_AFTER_S, BACKOFF_FIRST_S / 2)):
        node.script["login"] = good
        time.now_s += lasted_s
        time.waits_s.clear()
        node.drop()
        await states.wait("reconnecting")
        await states.wait("live")
        assert time.waits_s[0] == expected_s


async def test_a_token_that_is_refused_on_the_way_back_ends_it(
    node: FakeNode, exchange: Exchange, states: States
) -> None:
    await exchange.connect()
    orders = exchange.watch_orders()
    await node.expect("subscribe")
    await node.send(orders_message("snapshot", 1, []))
    await orders.ready()
    node.script["login"] = lambda asked: refuse(Code.UNAUTHENTICATED)
    node.drop()
    await states.wait("closed")
    assert isinstance(exchange.error, AccessError)
    assert not orders.live
    assert orders.error is exchange.error
    with pytest.raises(AccessError):
        await orders.changed()
    with pytest.raises(AccessError):
        async for _ in orders:
            pass


async def test_a_ping_measures_and_a_dead_connection_is_given_up(
    node: FakeNode, exchange: Exchange, states: States, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cryptex.client.stream.PING_TIMEOUT_S", 0.02)
    await exchange.connect()
    await node.expect("ping")
    ping = asyncio.create_task(exchange.ping())
    await asyncio.sleep(0)
    time.now_s += 0.25
    assert await ping == pytest.approx(250)
    assert exchange.latency_ms == pytest.approx(250)
    await node.expect("ping")

    node.script["ping"] = lambda asked: refuse(Code.RATE_LIMITED)
    time.wake()
    await node.expect("ping")
    assert exchange.state == "live"

    node.script["ping"] = lambda asked: SILENCE
    time.wake()
    await states.wait("reconnecting")
    await states.wait("live")
    assert node.connections == 2


async def test_an_announced_shutdown_is_a_reconnect_that_waits_for_replies(
    node: FakeNode, exchange: Exchange, states: States, time: FakeTime
) -> None:
    node.script["order.get"] = lambda asked: SILENCE
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    await node.expect("subscribe")
    waiting = asyncio.create_task(exchange.order(1))
    asked = await node.expect("order.get")
    await node.send(StatusMessage(type="shutdown"))
    await states.wait("reconnecting")
    with pytest.raises(NodeUnreachableError):
        await exchange.place_order("BTC-USDT", "buy", 1)
    await node.send(book_message("snapshot", 1))
    await node.send({"id": asked.id, "ok": False, "error": {"code": "unknown_order", "message": "none"}, "time": ""})
    with pytest.raises(Exception, match="none"):
        await waiting
    assert not book.live
    await time.wait_for(SHUTDOWN_GRACE_S)
    node.drop()
    await states.wait("live")


async def test_a_node_that_announced_and_stays_is_left(
    node: FakeNode, exchange: Exchange, states: States, time: FakeTime
) -> None:
    await exchange.connect()
    await exchange.ping()
    await node.send(StatusMessage(type="shutdown"))
    await states.wait("reconnecting")
    await time.wait_for(SHUTDOWN_GRACE_S)
    time.wake()
    await states.wait("live")
    assert node.connections == 2


async def test_a_message_that_is_too_large_ends_the_connection(
    node: FakeNode, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cryptex.client.link.INCOMING_BYTES_MAX", 1000)
    async with Exchange(node.url, timing=time.timing) as exchange:
        states = States(exchange)
        await node.send_bytes(b'"' + b"x" * 2000 + b'"')
        await states.wait("reconnecting")
        await states.wait("live")


async def test_close_ends_subscriptions_and_waiting_calls(node: FakeNode, exchange: Exchange, states: States) -> None:
    node.script["order.cancel"] = lambda asked: SILENCE
    await exchange.connect()
    book = exchange.watch_book("BTC-USDT")
    waiting = asyncio.create_task(exchange.cancel_order(1))
    await node.expect("order.cancel")
    await exchange.close()
    await exchange.close()
    with pytest.raises(Exception, match="lost"):
        await waiting
    assert [replica async for replica in book] == []
    with pytest.raises(NodeUnreachableError, match="subscription is closed"):
        await book.changed()
    assert states.seen == ["connecting", "live", "closed"]
    assert exchange.error is None


async def test_close_while_reconnecting(node: FakeNode, exchange: Exchange, states: States, time: FakeTime) -> None:
    await exchange.connect()
    await node.stop()
    await states.wait("reconnecting")
    await exchange.close()
    assert exchange.state == "closed"


async def test_a_callback_that_fails_breaks_nothing(
    exchange: Exchange, states: States, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(state: str) -> None:
        raise RuntimeError(state)

    exchange.on_state(fail)
    await exchange.connect()
    assert exchange.state == "live"
    assert "a callback for state live failed" in caplog.text


async def test_wait_live_outlasts_a_restart(node: FakeNode, exchange: Exchange, states: States, time: FakeTime) -> None:
    await exchange.connect()
    await exchange.wait_live()
    await node.stop()
    await states.wait("reconnecting")
    waiting = asyncio.create_task(exchange.wait_live())
    await asyncio.sleep(0)
    assert not waiting.done()
    await node.start()
    await waiting
    assert exchange.state == "live"


async def test_wait_live_says_why_it_waits_in_vain(
    node: FakeNode, exchange: Exchange, states: States, time: FakeTime
) -> None:
    with pytest.raises(NodeUnreachableError, match="the exchange is closed"):
        await exchange.wait_live()
    await exchange.connect()
    await node.stop()
    await states.wait("reconnecting")
    waiting = asyncio.create_task(exchange.wait_live())
    await asyncio.sleep(0)
    await exchange.close()
    with pytest.raises(NodeUnreachableError, match="the exchange is closed"):
        await waiting
