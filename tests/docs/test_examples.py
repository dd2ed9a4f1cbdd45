"""The Python of the pages, on a real node."""

import csv
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cryptex.client.errors import CryptexError, RefusedError
from cryptex.client.rest import RestClient
from cryptex.client.sync_exchange import SyncExchange
from tests.docs.conftest import MARKET, PASSWORD, URL
from tests.docs.lossy_proxy import LossyProxy
from tests.docs.pages import Block, blocks, example
from tests.docs.shell import NEED_COMPANY
from tests.end_to_end.node_process import NodeProcess

LINES_MAX = 25
PAGE = "scripters.md"
MARKET_MAKER = "A market maker"
RETRY = "Retry after an unknown outcome"


def run(block: Block, url: str) -> None:
    """Run a block as a program on the node at `url`."""
    exec(compile(block.text.replace(URL, url), str(block), "exec"), {"__name__": "__main__"})


@contextmanager
def crowd(url: str, market: str) -> Iterator[None]:
    """Let bob sell a little to each new best bid, so that a market maker has something to do."""
    exchange = SyncExchange(url)
    exchange.connect()
    exchange.login("bob", PASSWORD)

    def trade() -> None:
        with suppress(CryptexError):  # the exchange is closed at the end, whatever is under way
            for book in exchange.watch_book(market):
                if book.best_bid is not None and book.best_bid.price > 59000:
                    sell(book.best_bid.price)

    def sell(price: Decimal) -> None:
        with suppress(RefusedError):  # the bid may have gone
            exchange.place_order(market, "sell", "0.001", price=price, time_in_force="ioc")

    thread = threading.Thread(target=trade)
    thread.start()
    try:
        yield
    finally:
        exchange.close()
        thread.join()


PROGRAMS = [block for block in blocks("python") if block.heading not in NEED_COMPANY and block.file is None]


@pytest.mark.parametrize("block", PROGRAMS, ids=str)
def test_example_runs(block: Block, node: NodeProcess) -> None:
    run(block, node.url)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_examples_are_short(block: Block) -> None:
    lines = [line for line in block.text.splitlines() if line.strip()]
    assert len(lines) <= LINES_MAX


def test_the_order_that_is_watched_is_filled(node: NodeProcess, capsys: pytest.CaptureFixture[str]) -> None:
    run(example(PAGE, "Place and watch"), node.url)
    assert "filled 0.01000 of 0.01000 at 6" in capsys.readouterr().out


@pytest.mark.parametrize("market", [MARKET, "SOL-USDT"], ids=["a market that trades", "an empty market"])
def test_the_market_maker_trades_and_leaves_no_quotes(node: NodeProcess, alice: RestClient, market: str) -> None:
    block = example(PAGE, MARKET_MAKER)
    before = len(alice.fills(market=market, limit=1000))
    with crowd(node.url, market):
        run(block._replace(text=block.text.replace(MARKET, market)), node.url)
    made = alice.fills(market=market, limit=1000)[: -before or None]
    assert len(made) >= 4
    assert {fill.liquidity for fill in made} == {"maker"}
    with SyncExchange(node.url, alice.token) as exchange, exchange.watch_orders() as orders:
        orders.ready()
        while any(order.post_only for order in orders.replica.open):
            assert orders.wait(10), "the quotes of a closed connection stay open"
    quoted = [order for order in alice.orders(market=market, limit=1000) if order.post_only]
    assert {order.reason for order in quoted} <= {"user", "disconnected", "filled"}
    assert any(order.reason == "disconnected" for order in quoted)


def test_an_order_whose_reply_is_lost_is_placed_once(
    node: NodeProcess, alice: RestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    program = example(PAGE, RETRY)._replace(text=example(PAGE, RETRY).text.replace("daily-", "lost-"))
    with LossyProxy(urlsplit(node.url).port or 0, b'"client_order_id":"lost-') as proxy:
        run(program, proxy.url)
    said = capsys.readouterr().out
    assert len(proxy.lost) == 1
    assert "the connection was lost" in said
    assert "was placed before" in said
    placed = [order for order in alice.orders(limit=1000) if (order.client_order_id or "").startswith("lost-")]
    assert len(placed) == 1


@pytest.mark.parametrize("heading", ["All fills as CSV", "Notebooks and plain scripts"])
def test_the_csv_holds_every_fill(node: NodeProcess, alice: RestClient, heading: str) -> None:
    alice.place_order(MARKET, "buy", "0.01")
    run(example(PAGE, heading), node.url)
    with Path("fills.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    fills = alice.fills(limit=1000)
    assert [int(row["id"]) for row in rows] == [fill.id for fill in fills]
    assert [Decimal(row["price"]) for row in rows] == [fill.price for fill in fills]
