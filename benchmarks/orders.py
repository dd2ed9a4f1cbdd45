"""The orders of the websocket loads."""

from collections.abc import Sequence
from typing import Final

from benchmarks.wire import SocketWire, connect_socket, frame
from cryptex.cli.bench_load import MID_PRICE, crossing_order

BEST_LEVELS: Final = 10


def place(connection: int, number: int) -> bytes:
    """Return the message of the `number`-th order of a connection."""
    return frame(f'{{"id":{number},"method":"order.place","params":{crossing_order(connection, number)}}}'.encode())


def place_near(_connection: int, number: int) -> bytes:
    """Return the message of an order that always changes the ten best bids, and trades with none."""
    price = MID_PRICE - number % BEST_LEVELS
    return frame(
        f'{{"id":{number},"method":"order.place","params":{{"market":"BTC-USDT","side":"buy","type":"limit",'
        f'"size":"0.0002","price":"{price}"}}}}'.encode()
    )


async def connect_traders(url: str, tokens: Sequence[str | None]) -> list[SocketWire]:
    """Return a websocket for each token."""
    return [await connect_socket(url, token) for token in tokens]
