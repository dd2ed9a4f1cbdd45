"""A node that ends, either way, comes back exactly where it was."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from cryptex.client.errors import NodeUnreachableError, UnavailableError
from cryptex.client.rest import RestClient
from tests.end_to_end.node_process import NodeProcess, both_builds

T = TypeVar("T")


def patiently(read: Callable[[], T]) -> T:
    """Return what a read of history gives once history has caught up, which takes its time on a busy machine."""
    while True:
        try:
            return read()
        except NodeUnreachableError:
            raise
        except UnavailableError:
            continue


def everything(client: RestClient) -> dict[str, object]:
    """Return all that a user can see of the exchange."""
    book = client.book("BTC-USDT")
    return {
        "orders": patiently(client.orders),
        "fills": patiently(client.fills),
        "entries": patiently(client.entries),
        "wallet": client.wallet(),
        "bids": book.bids,
        "asks": book.asks,
        "trades": client.trades("BTC-USDT"),
        "candles": client.candles("BTC-USDT"),
        "last": client.ticker("BTC-USDT").last,
        "me": client.me(),
    }


@pytest.mark.parametrize("way", ["kill", "stop"])
@both_builds
def test_two_accounts_trade_and_find_everything_where_it_was(tmp_path: Path, way: str, installed: bool) -> None:
    with NodeProcess(tmp_path, installed=installed) as node:
        alice, bob = node.user("alice"), node.user("bob")
        alice.deposit("BTC", "2")
        resting = alice.place_order("BTC-USDT", "sell", "0.5", price="60000")
        alice.place_order("BTC-USDT", "sell", "0.25", price="60100.50")
        taken = bob.place_order("BTC-USDT", "buy", "0.7", price="60100.50")
        stop = bob.place_order("BTC-USDT", "sell", "0.1", stop_price="59000")
        assert taken.status == "filled"
        assert taken.average_price == Decimal("60028.71")
        assert alice.order(resting.id).status == "filled"
        alice.deposit("USDT", "1")  # history waits for what its reader was told last: now that is after bob's orders
        before = [everything(alice), everything(bob)]
        if way == "kill":
            node.kill()
        else:
            assert node.stop() == 0
        ready = node.start()
        assert ready["epoch"] == 2
        alice, bob = node.again("alice"), node.again("bob")
        assert [everything(alice), everything(bob)] == before
        assert bob.cancel_order(stop.id).status == "canceled"
        assert bob.place_order("BTC-USDT", "buy", "0.05", price="60100.50").status == "filled"
        assert node.stop() == 0


def test_a_session_outlives_the_node(tmp_path: Path) -> None:
    with NodeProcess(tmp_path) as node:
        token = node.user("alice").token
        node.kill()
        node.start()
        assert node.rest(token).me().username == "alice"
        assert node.stop() == 0


def test_a_second_node_is_kept_out_of_the_folder(tmp_path: Path) -> None:
    with NodeProcess(tmp_path):
        second = NodeProcess(tmp_path)
        with pytest.raises(ValueError, match="Expecting value"):
            second.start()
        assert second.process is not None
        assert second.process.wait(10) != 0
        second.process.stdout.close()  # type: ignore[union-attr]
