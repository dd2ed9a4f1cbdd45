"""A planned stop and a start on the same port: an SDK hears of it, comes back by itself, and is right afterwards."""

import asyncio
import socket
from pathlib import Path

from cryptex.client import Exchange
from tests.end_to_end.node_process import NodeProcess

PATIENCE_S = 30


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def test_an_sdk_outlives_a_planned_restart(tmp_path: Path) -> None:
    node = NodeProcess(tmp_path, "--port", str(free_port()))
    with node:
        token = (await asyncio.to_thread(node.user, "alice")).token
        states: list[str] = []
        async with Exchange(node.url, token) as exchange, asyncio.timeout(PATIENCE_S):
            exchange.on_state(states.append)
            orders, book = exchange.watch_orders(), exchange.watch_book("BTC-USDT")
            first = await exchange.place_order("BTC-USDT", "buy", "0.1", price="50000")
            while (await orders.ready()).get(first.id) is None:
                await orders.changed()
            await book.ready()
            assert await asyncio.to_thread(node.stop) == 0
            await asyncio.to_thread(node.start)
            while not (orders.live and orders.replica.epoch == 2 and book.live and book.replica.epoch == 2):
                await orders.changed()
                await book.changed()
            assert states == ["reconnecting", "live"], "the shutdown notice alone made it let go"
            second = await exchange.place_order("BTC-USDT", "buy", "0.2", price="49000")
            canceled = await exchange.cancel_order(first.id)
            while (await orders.ready()).sequence < canceled.sequence:
                await orders.changed()
            assert [order.id for order in orders.replica.open] == [second.id]
            assert orders.replica.closed[0].id == first.id
            while len((await book.ready()).bids) != 1:
                await book.changed()
            assert [str(level.price) for level in book.replica.bids] == ["49000.00"]
        assert await asyncio.to_thread(node.stop) == 0
