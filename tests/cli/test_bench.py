"""`cryptex bench`: figures of a private node, and how it treats one that others use."""

import json
from decimal import Decimal

import msgspec
import pytest

from cryptex.cli.bench_load import quantile, resting
from cryptex.cli.bench_run import resting_terms
from tests.cli.canned import EMPTY_TICKER, MARKETS, TICKER, Canned
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode


def test_a_node_that_others_use_is_left_as_it_was(live: LiveNode) -> None:
    live.trade()
    token = live.taker.token
    with live.start(
        *("bench", "--node", live.url, "--seconds", "0.3", "--connections", "2", "--yes", "-o", "json"), token=token
    ) as process:
        out, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    figures = json.loads(out)
    assert float(figures["replies_per_second"]) > 0
    assert float(figures["p50_ms"]) <= float(figures["p99_ms"]) <= float(figures["p99.9_ms"])
    assert figures["refused"] == 0
    assert live.taker.orders(status="open") == []
    assert next(each.client_order_id for each in live.taker.orders(limit=1)).startswith("bench-")


def test_such_a_node_is_asked_about_first(cli: Cli, node: Canned) -> None:
    ended = cli("bench", "--node", node.url)
    assert (ended.code, ended.out) == (2, "")
    assert "--yes" in ended.err
    assert node.seen == []


@pytest.mark.parametrize("best_bid", ["60000.00", None])
def test_its_orders_rest_far_from_the_market(best_bid: str | None) -> None:
    ticker = msgspec.structs.replace(TICKER, best_bid=best_bid, best_ask=best_bid, last=best_bid)
    price, size = resting_terms(MARKETS.markets[0], ticker)
    assert price == (Decimal("30000.00") if best_bid else Decimal("10.00"))
    assert 10 <= price * size < 11


def test_a_tiny_market_still_has_a_price() -> None:
    ticker = msgspec.structs.replace(EMPTY_TICKER, best_bid="0.00001")
    price, size = resting_terms(MARKETS.markets[1], ticker)
    assert price == Decimal("0.00001")
    assert price * size >= 2 * Decimal("0.0001")


def test_every_order_is_followed_by_its_cancel() -> None:
    make = resting("BTC-USDT", "1", "2", "run")(0)
    place, cancel = (json.loads(make(number)) for number in (4, 5))
    assert place["params"]["client_order_id"] == cancel["params"]["client_order_id"]
    assert (place["params"]["post_only"], cancel["method"]) == (True, "order.cancel")


def test_quantiles() -> None:
    values = [float(number) for number in range(1000)]
    assert [quantile(values, share) for share in (0.5, 0.99, 0.999)] == [500.0, 990.0, 999.0]
    assert quantile([], 0.5) == 0.0
