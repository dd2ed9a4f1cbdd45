from typing import Any

from cryptex.protocol.channels import book_checksum
from cryptex.protocol.commands import DefineMarket
from tests.node.edge import Edge, limit

MINUTE_S = 60
MARKET_OF_TENTHS = DefineMarket("BTC", "USDT", "0.1", "0.00001", "5", "0.001", "0.001", None, None)


async def trade(node: Edge, prices: list[str]) -> tuple[str, str]:
    """Make one trade at each price, a minute apart. Return both tokens."""
    _, ann = await node.user("ann", USDT="900000")
    _, bob = await node.user("bob", BTC="10")
    for price in prices:
        await node.post("/orders", limit("BTC-USDT", "buy", "0.1", price), ann)
        await node.post("/orders", limit("BTC-USDT", "sell", "0.1", price), bob)
        node.clock.advance(MINUTE_S)
    return ann, bob


async def test_markets_and_assets(node: Edge) -> None:
    markets = (await node.get("/markets"))["markets"]
    assert [market["market"] for market in markets] == ["BTC-USDT", "ETH-USDT", "SOL-USDT", "ETH-BTC"]
    assert markets[0] == {
        "market": "BTC-USDT",
        "base": "BTC",
        "quote": "USDT",
        "tick_size": "0.01",
        "lot_size": "0.00001",
        "min_notional": "5.00000000",
        "maker_fee": "0.0010",
        "taker_fee": "0.0010",
        "price_band": None,
        "state": "open",
    }
    assets = (await node.get("/assets"))["assets"]
    assert assets[0] == {"symbol": "BTC", "name": "Bitcoin", "decimals": 8}


async def test_the_book_by_every_spelling_of_a_market(node: Edge) -> None:
    _, token = await node.user("ann")
    for price in ("100", "101", "102"):
        await node.post("/orders", limit("BTC-USDT", "buy", "1", price), token)
    for name in ("BTC-USDT", "btc-usdt", "BTC/USDT", "btc%2Fusdt"):
        book = await node.get(f"/markets/{name}/book?depth=2")
        assert book["bids"] == [["102.00", "1.00000"], ["101.00", "1.00000"]]
        assert book["checksum"] == book_checksum([tuple(level) for level in book["bids"]], [])
        assert (book["market"], book["epoch"], book["asks"]) == ("BTC-USDT", 1, [])
        assert book["sequence"] == node.core.exchange.sequence
    assert await node.refused("GET", "/markets/BTC-USDT/book?depth=1001") == (422, "invalid_request")
    assert await node.refused("GET", "/markets/X-Y/book") == (404, "unknown_market")


async def test_market_data_of_one_market_and_of_all(node: Edge) -> None:
    await trade(node, ["100", "110"])
    one = await node.get("/market_data?market=BTC-USDT&depth=20")
    assert one["ticker"]["last"] == "110.00"
    assert set(one) == {"market", "ticker", "bids", "asks", "sequence", "time"}
    assert await node.get("/market_data?cryptocurrency=BTC") == one
    assert len((await node.get("/market_data"))["tickers"]) == 4
    both = "/market_data?market=BTC-USDT&cryptocurrency=BTC"
    assert await node.refused("GET", both) == (422, "invalid_request")
    assert await node.refused("GET", "/market_data?cryptocurrency=X") == (404, "unknown_market")
    assert (await node.get("/markets/BTC-USDT/ticker"))["volume"] == "0.20000"


async def pages(node: Edge, path: str, key: str) -> list[Any]:
    """Follow `next` through pages of two."""
    found: list[Any] = []
    page = await node.get(f"{path}?limit=2")
    while True:
        found += page[key]
        if "next" not in page:
            return found
        page = await node.get(f"{path}?limit=2&before={page['next']}")


async def test_trades_and_candles_by_page_from_memory_and_from_history(node: Edge, monkeypatch) -> None:
    prices = ["100", "101", "102", "103", "104"]
    await trade(node, prices)
    for _ in ("memory", "history"):
        trades = await pages(node, "/markets/BTC-USDT/trades", "trades")
        assert [each["price"] for each in trades] == [f"{price}.00" for price in reversed(prices)]
        candles = await pages(node, "/markets/BTC-USDT/candles", "candles")
        assert [each["close"] for each in candles] == [f"{price}.00" for price in reversed(prices)]
        # From now on memory holds too little for any page.
        monkeypatch.setattr("cryptex.node.rest_markets.TRADES_KEPT_MAX", 0)
        monkeypatch.setattr("cryptex.node.rest_markets.CANDLES_KEPT_MAX", 0)
        monkeypatch.setattr(node.core.market_data, "trades", lambda market, limit, before=None: [])
        monkeypatch.setattr(node.core.market_data, "candles", lambda market, interval, limit, before_ns=None: [])
    assert len((await node.get("/markets/BTC-USDT/candles?interval=1d"))["candles"]) == 1
    for query in ("interval=2m", "before=yesterday", "before=9999-12-31T23:59:59-23:00", "before=2026-01-01T00:00:00"):
        assert await node.refused("GET", f"/markets/BTC-USDT/candles?{query}") == (422, "invalid_request"), query


async def test_what_memory_has_is_whole_while_history_lags(node: Edge, monkeypatch) -> None:
    prices = ["100", "101", "102", "103", "104"]
    await trade(node, prices)
    monkeypatch.setattr(node.core, "history", None)
    for path, key in (("trades", "trades"), ("candles", "candles")):
        assert len(await pages(node, f"/markets/BTC-USDT/{path}", key)) == len(prices)


async def test_pages_go_on_into_the_past_of_other_steps(node: Edge) -> None:
    ann, bob = await trade(node, ["100", "101", "102"])
    for wanted in (["102.00", "101.00", "100.00"], ["103.0", "102.00", "101.00", "100.00"]):
        changed = MARKET_OF_TENTHS if wanted[0] == "102.00" else None
        if changed is not None:
            await node.core.sequencer.submit(changed)
        else:
            await node.post("/orders", limit("BTC-USDT", "buy", "0.1", "103"), ann)
            await node.post("/orders", limit("BTC-USDT", "sell", "0.1", "103"), bob)
        for path, key, price in (("trades", "trades", "price"), ("candles", "candles", "close")):
            whole = await node.get(f"/markets/BTC-USDT/{path}")
            assert [each[price] for each in whole[key]] == wanted
            assert [each[price] for each in await pages(node, f"/markets/BTC-USDT/{path}", key)] == wanted
