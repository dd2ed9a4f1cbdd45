"""`--limit` beyond a page: the list is put together, and is what one longer page would be."""

import pytest

from cryptex.cli.door import PAGE_ROWS_MAX
from cryptex.node.http import PAGE_LIMIT_MAX
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode

LISTS = ["trades BTC-USDT", "fills", "orders --all", "wallet entries", "candles BTC-USDT"]


@pytest.fixture(name="traded", scope="module")
def _traded(live: LiveNode) -> LiveNode:
    """Return a node whose lists have more rows than are asked for at a time here."""
    for _ in range(5):
        live.trade(size="0.001")
    return live


@pytest.fixture(name="maker")
def _maker(traded: LiveNode, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the command line of one who has traded there."""
    monkeypatch.setenv("CRYPTEX_NODE", traded.url)
    monkeypatch.setenv("CRYPTEX_TOKEN", traded.maker.token or "")
    return cli


def test_a_page_is_what_a_node_gives() -> None:
    assert PAGE_ROWS_MAX == PAGE_LIMIT_MAX


@pytest.mark.parametrize("words", LISTS)
@pytest.mark.parametrize("limit", ["4", "5", "1000"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_pages_make_one_list(words: str, limit: str, form: str, maker: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    line = [*words.split(), "--limit", limit, "-o", form]
    whole = maker(*line)
    assert whole.code == 0
    monkeypatch.setattr("cryptex.cli.door.PAGE_ROWS_MAX", 2)
    assert maker(*line) == whole


def test_more_than_a_page_can_be_asked_for(maker: Cli) -> None:
    ended = maker("fills", "--limit", "100000", "-o", "csv")
    assert (ended.code, ended.err) == (0, "")
