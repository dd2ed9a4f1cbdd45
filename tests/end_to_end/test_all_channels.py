"""Every channel and every order method of a websocket at once, from the checkout and as an install compiles them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptex.client import Exchange, Subscription
from tests.end_to_end.node_process import NodeProcess, both_builds

MARKET = "BTC-USDT"


@both_builds
async def test_what_is_watched_is_what_is_read(tmp_path: Path, installed: bool) -> None:
    with NodeProcess(tmp_path, installed=installed) as node:
        taker = node.user("taker")
        taker.deposit("BTC", "1")
        async with Exchange(node.url) as maker, AsyncExitStack() as watched, asyncio.timeout(60):
            await maker.register("maker", "a long password")
            await maker.login("maker", "a long password")
            await maker.deposit("BTC", "1")
            book = await watched.enter_async_context(maker.watch_book(MARKET))
            trades = await watched.enter_async_context(maker.watch_trades(MARKET))
            ticker = await watched.enter_async_context(maker.watch_ticker(MARKET))
            candles = await watched.enter_async_context(maker.watch_candles(MARKET))
            orders = await watched.enter_async_context(maker.watch_orders())
            fills = await watched.enter_async_context(maker.watch_fills())
            wallet = await watched.enter_async_context(maker.watch_wallet())
            bid = await maker.place_order(MARKET, "buy", "0.2", price="59900", client_order_id="bid")
            ask = await maker.place_order(MARKET, "sell", "0.2", price="60100", post_only=True)
            stop = await maker.place_order(MARKET, "sell", "0.1", stop_price="50000")
            assert (await maker.amend_order(bid.id, price="59950")).price == Decimal(59950)
            assert (await maker.place_order(MARKET, "buy", "0.2", price="59900", client_order_id="bid")).duplicate
            assert (await maker.cancel_order(stop.id)).status == "canceled"
            taken = await asyncio.to_thread(taker.place_order, MARKET, "sell", "0.05")
            assert taken.average_price == Decimal(59950)
            await _until(orders, lambda: any(each.filled == Decimal("0.05") for each in orders.replica.open))
            await _until(fills, lambda: len(fills.replica.fills) == 1)
            assert await maker.cancel_all(MARKET) == [bid.id, ask.id]
            await _until(orders, lambda: not orders.replica.open)
            await _until(book, lambda: not book.replica.bids and not book.replica.asks)
            assert [fill.order_id for fill in fills.replica.fills] == [bid.id]
            assert list((await trades.ready()).trades) == list(await maker.trades(MARKET))
            assert (await candles.ready()).candles == list(await maker.candles(MARKET))
            assert (await ticker.ready()).ticker is not None
            assert {name: each.balance for name, each in (await wallet.ready()).balances.items()} == {
                each.asset: each.balance for each in await maker.balances()
            }
        assert node.stop() == 0


async def _until(watched: Subscription[Any], seen: Callable[[], bool]) -> None:
    await watched.ready()
    while not seen():
        await watched.changed()
