"""A trader's first minute in a real browser: the address once, a registration, an order on the book."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from cryptex.cli.private_node import PLAIN, PrivateNode
from cryptex.client.rest import RestClient
from tests.end_to_end.chromium import BINARY, WAIT_S, Chromium

PASSWORD = "a long password"

pytestmark = pytest.mark.skipif(BINARY is None, reason="no Chromium on this machine")


class Printed(msgspec.Struct):
    """What `tui --serve -o json` prints."""

    url: str


@contextmanager
def served(node_url: str, home: Path) -> Iterator[str]:
    """Serve the terminal on a node; give the address to open."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))}
    command = [sys.executable, "-m", "cryptex", "-o", "json", "tui", "--serve", "--port", "0", "--node", node_url]
    environment = {**kept, "HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield msgspec.json.decode(process.stdout.readline(), type=Printed).url
        finally:
            process.terminate()
            assert process.wait(WAIT_S) == 0


def test_one_registers_and_trades_in_a_browser(tmp_path: Path) -> None:
    with PrivateNode(tmp_path / "node", flags=PLAIN) as node, Chromium(tmp_path / "browser") as browser:
        url = node.start().url
        with served(url, tmp_path) as address:
            _register_and_trade(browser, address)
            client = RestClient(url)
            client.login("alice", PASSWORD)
            (order,) = client.orders()
        told = (order.side, str(order.price), str(order.size), order.status)
        assert told == ("buy", "50000.00", "0.01000", "open")
        asked = {urlsplit(each).netloc for each in browser.requests}
        assert asked == {urlsplit(address).netloc}, "nothing was asked of anybody else"
        assert browser.evaluate("location.pathname + location.search + document.cookie") == "/"


def _register_and_trade(browser: Chromium, address: str) -> None:
    browser.go(address)
    browser.until("register instead")
    browser.press_control("r")
    browser.until("log in instead")
    browser.type("alice")
    browser.press("Tab")
    browser.type(PASSWORD)
    browser.press("Enter")
    browser.type(PASSWORD)
    browser.press("Enter")
    browser.until("Ladder")
    browser.type("b")
    browser.until("Price")
    browser.type("50000")
    browser.press("Tab")
    browser.type("0.01")
    browser.press("Enter")
    browser.until("open #1")
