"""One node for all examples of a worker: alice has funds, and bob's orders rest on both sides of 60,000."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cryptex.client.rest import RestClient
from tests.docs.shell import PASSWORD
from tests.end_to_end.node_process import NodeProcess

MARKET = "BTC-USDT"
URL = "http://127.0.0.1:7070"
"""The node's address in the examples; tests put the real one in its place."""


def user(node: NodeProcess, name: str) -> RestClient:
    """Return a client of a registered user with funds."""
    client = node.rest()
    client.register(name, PASSWORD)
    client.login(name, PASSWORD)
    for asset, amount in (("BTC", "100"), ("SOL", "100"), ("USDT", "1000000")):
        client.deposit(asset, amount)
    return client


@pytest.fixture(name="node", scope="package")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    folder = tmp_path_factory.mktemp("docs")
    config = folder / "node.toml"
    config.write_text("[limits]\nlogins_per_minute = 1000\n")  # each example logs in as alice
    with NodeProcess(folder / "data", "--config", str(config)) as node:
        user(node, "alice")
        bob = user(node, "bob")
        bob.place_order(MARKET, "sell", "1", price="60000")
        user(node, "carol").place_order(MARKET, "buy", "1", price="60000")  # so that there is a last price
        for side, price in (("sell", "61000"), ("buy", "59000")):
            bob.place_order(MARKET, side, "10", price=price)
        yield node


@pytest.fixture(name="alice")
def _alice(node: NodeProcess) -> RestClient:
    client = node.rest()
    client.login("alice", PASSWORD)
    return client


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let examples write their files where nobody minds."""
    monkeypatch.chdir(tmp_path)
