"""A node with simulated traders, as its operator runs it: it lives, is traded on, killed and stopped, and adds up."""

import asyncio
from pathlib import Path

from cryptex.client import Exchange
from cryptex.node.verify import verify
from tests.end_to_end.node_process import NodeProcess

PATIENCE_S = 30
MARKETS = ("BTC-USDT", "ETH-USDT", "SOL-USDT", "ETH-BTC")


async def until_all_live(exchange: Exchange) -> None:
    """Return when every market has a book, and somebody has traded in each since this was called."""
    for market in MARKETS:
        book, trades = exchange.watch_book(market), exchange.watch_trades(market)
        while not (book.replica.bids and book.replica.asks):
            await book.changed()
        before = (await trades.ready()).sequence
        while trades.replica.sequence <= before:
            await trades.changed()
        await book.close()
        await trades.close()


async def trade(url: str, token: str) -> None:
    """Buy where the market sells, as a user."""
    async with Exchange(url, token) as exchange, asyncio.timeout(PATIENCE_S):
        await until_all_live(exchange)
        book = await exchange.watch_book("BTC-USDT").ready()
        order = await exchange.place_order("BTC-USDT", "buy", "0.01")
        assert (str(order.filled), order.status) == ("0.01000", "filled")
        assert abs(order.average_price / book.asks[0].price - 1) < 0.01  # type: ignore[operator]


async def test_it_lives_through_a_kill_and_a_stop(tmp_path: Path) -> None:
    with NodeProcess(tmp_path, "--scenario", "calm", "--seed", "3") as node:
        health = node.rest().health()
        assert health.simulation is not None
        assert (health.simulation.scenario, health.simulation.seed) == ("calm", 3)
        candles = node.rest().candles("BTC-USDT", "1m")
        assert sum(candle.trades for candle in candles) > 100, "it has been trading for some minutes"
        token = (await asyncio.to_thread(node.user, "alice")).token or ""
        assert node.rest(token).me().id == 1, "traders take no user's id"
        await trade(node.url, token)
        node.kill()

        await asyncio.to_thread(node.start)
        await trade(node.url, token)
        (usdt,) = (each for each in node.rest(token).wallet() if each.asset == "USDT")
        assert 98_000 < usdt.balance < 99_000
        assert await asyncio.to_thread(node.stop) == 0

    findings = verify(tmp_path, lambda _done, _of: None)
    assert [each.check for each in findings if not each.ok and each.check != "history"] == []
