"""The exchange without async: it waits, keeps up in the background, and ends without a trace."""

import gc
import inspect
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from cryptex.client.background import Background
from cryptex.client.errors import AccessError, NodeUnreachableError, OutcomeUnknownError, RefusedError
from cryptex.client.exchange import Exchange
from cryptex.client.models import Level
from cryptex.client.sync_exchange import SyncExchange
from cryptex.client.sync_subscription import SyncSubscription
from cryptex.protocol.problems import Code
from tests.client.fake_node import SILENCE, Asked, FakeNode, FakeRest, Page, Refuse
from tests.client.views import book_message, order_view

THREAD = "cryptex-exchange"


class NodeThread:
    """A fake node in a thread of its own, so that a test may wait."""

    def __init__(self) -> None:
        self.node = FakeNode()
        self.run = Background(self.node.stop).run

    def send_book(self, kind: str, sequence: int, price: str) -> None:
        """Send a message of the book with one bid."""
        message = book_message(kind, sequence, prev=sequence - 1, bids=[(price, "1.0")])  # type: ignore[arg-type]
        self.run(self.node.send(message))


@pytest.fixture(name="far")
def _far() -> Iterator[NodeThread]:
    far = NodeThread()
    far.run(far.node.start())
    far.node.script["order.place"] = lambda asked: order_view(client_order_id=asked.params.client_order_id)
    yield far
    far.run.__self__.stop()  # type: ignore[attr-defined]


@pytest.fixture(name="exchange")
def _exchange(far: NodeThread) -> Iterator[SyncExchange]:
    with SyncExchange(far.node.url, "token", request_timeout_s=5) as exchange:
        yield exchange


def exchanges_running() -> int:
    """Return how many threads of exchanges there are, the fake node's left out."""
    return sum(thread.name == THREAD for thread in threading.enumerate()) - 1


@pytest.fixture(name="book")
def _book(far: NodeThread, exchange: SyncExchange) -> SyncSubscription[object]:
    book = exchange.watch_book("BTC-USDT")
    far.run(far.node.expect("subscribe"))
    far.send_book("snapshot", 10, "100.00")
    book.ready(5)
    return book


def test_it_has_all_that_the_async_exchange_has() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(SyncExchange) == public(Exchange) | {"url"}
    for name in public(Exchange):
        method = getattr(Exchange, name)
        if inspect.isfunction(method):
            twin = getattr(SyncExchange, name)
            assert not inspect.iscoroutinefunction(twin), name
            assert list(inspect.signature(twin).parameters) == list(inspect.signature(method).parameters), name
            assert twin.__doc__, name


def test_orders(exchange: SyncExchange) -> None:
    assert exchange.state == "live"
    order = exchange.place_order("BTC-USDT", "buy", Decimal("0.5"), price="45000", client_order_id="mine")
    assert (order.id, order.client_order_id) == (7, "mine")


def test_problems_are_raised_where_one_waits(far: NodeThread, exchange: SyncExchange) -> None:
    def refuse(asked: Asked) -> object:
        raise Refuse(Code.INSUFFICIENT_FUNDS)

    far.node.script["order.place"] = refuse
    with pytest.raises(RefusedError):
        exchange.place_order("BTC-USDT", "buy", 1)


async def test_it_waits_inside_a_running_loop_too(exchange: SyncExchange) -> None:
    assert exchange.place_order("BTC-USDT", "buy", 1).id == 7  # as in a cell of Jupyter, whose loop is running


def test_lists_are_ordinary_iterators() -> None:
    with FakeRest() as rest:
        rest.pages["GET /orders"] = Page(body=msgspec.json.encode({"orders": [order_view(9), order_view(8)]}))
        exchange = SyncExchange(rest.url, "token")
        assert [order.id for order in exchange.all_orders()] == [9, 8]
        exchange.close()


def test_a_replica_stands_still_while_it_is_looked_at(far: NodeThread, book: SyncSubscription) -> None:
    assert book.live
    before = book.replica
    assert before.bids == [Level(Decimal(100), Decimal(1))]
    assert book.replica is before
    far.send_book("update", 11, "101.00")
    assert book.wait(5)
    assert len(before.bids) == 1
    assert book.replica.best_bid == Level(Decimal(101), Decimal(1))


def test_waiting_for_a_change_ends_with_its_time(far: NodeThread, book: SyncSubscription) -> None:
    assert not book.wait(0.001)
    far.send_book("update", 11, "101.00")
    assert book.wait(5)
    assert not book.wait(0.001)


def test_data_that_never_comes(exchange: SyncExchange) -> None:
    with pytest.raises(NodeUnreachableError, match=r"0\.01 s"):
        exchange.watch_ticker("BTC-USDT").ready(0.01)


def test_iteration_ends_when_the_exchange_is_closed(
    far: NodeThread, exchange: SyncExchange, book: SyncSubscription
) -> None:
    far.send_book("update", 11, "101.00")
    assert next(book).sequence == 11
    threading.Thread(target=exchange.close).start()
    assert list(book) == []
    assert list(book) == []
    assert not book.live
    assert book.replica.best_bid is not None
    book.close()


def test_a_refused_channel_raises(far: NodeThread, exchange: SyncExchange) -> None:
    def refuse(asked: Asked) -> object:
        raise Refuse(Code.UNAUTHENTICATED)

    far.node.script["subscribe"] = refuse
    with exchange.watch_orders() as orders, pytest.raises(AccessError):
        orders.wait(5)
    assert orders.error is not None


def test_closing_ends_the_thread_and_what_waits(far: NodeThread) -> None:
    exchange = SyncExchange(far.node.url, request_timeout_s=5)
    exchange.connect()
    caught: list[BaseException] = []

    def close(asked: Asked) -> object:
        threading.Thread(target=exchange.close).start()
        return SILENCE

    far.node.script["order.place"] = close
    try:
        exchange.place_order("BTC-USDT", "buy", 1)
    except OutcomeUnknownError as error:
        caught.append(error)
    assert caught
    exchange.close()
    assert exchange.state == "closed"
    assert exchanges_running() == 0
    with pytest.raises(NodeUnreachableError, match="closed"):
        exchange.ping()


def test_a_node_that_is_not_there(far: NodeThread) -> None:
    far.run(far.node.stop())
    with pytest.raises(NodeUnreachableError), SyncExchange(far.node.url):
        pass
    assert exchanges_running() == 0


def test_a_forgotten_one_is_closed(far: NodeThread) -> None:
    exchange = SyncExchange(far.node.url)
    exchange.connect()
    ticker = exchange.watch_ticker("BTC-USDT")
    del exchange
    gc.collect()
    assert exchanges_running() == 1, "a subscription holds it"
    del ticker
    gc.collect()
    assert exchanges_running() == 0


def test_an_interrupt_cancels_what_is_waited_for(far: NodeThread, exchange: SyncExchange) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(asked: Asked) -> object:
        signal.pthread_kill(main, signal.SIGINT)
        return SILENCE

    far.node.script["order.get"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        exchange.order(7)
    assert exchange.ping() > 0


def test_a_callback_cannot_wait_for_its_own_exchange(far: NodeThread, caplog: pytest.LogCaptureFixture) -> None:
    exchange = SyncExchange(far.node.url)
    exchange.on_state(lambda state: exchange.place_order("BTC-USDT", "buy", 1) and None)
    exchange.connect()
    assert "use another thread" in caplog.text
    exchange.close()


def test_python_ends_without_a_word_though_nobody_closed(far: NodeThread) -> None:
    script = f"""
from cryptex.client import SyncExchange
exchange = SyncExchange({far.node.url!r})
exchange.connect()
book = exchange.watch_book("BTC-USDT")
print(exchange.state)
"""
    ended = subprocess.run([sys.executable, "-W", "error", "-X", "dev", "-c", script], capture_output=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"live\n", b"")
