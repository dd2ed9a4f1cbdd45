"""The orders of the websocket loads."""

from collections.abc import Sequence
from typing import Final

from benchmarks.wire import SocketWire, connect_socket, frame
from cryptex.cli.bench_load import MID_PRICE, crossing_order

BEST_LEVELS: Final = 10
BOOK_LEVELS: Final = 10_000


def place(connection: int, number: int) -> bytes:
    """Return the message of the `number`-th order of a connection."""
    return frame(f'{{"id":{number},"method":"order.place","params":{crossing_order(connection, number)}}}'.encode())


def place_near(_connection: int, number: int) -> bytes:
    """Return the message of an order that rests among the ten best bids."""
    return _place_bid(number, MID_PRICE - number % BEST_LEVELS)


def place_resting(connection: int, number: int) -> bytes:
    """Return the message of an order with a key that rests somewhere in a deep book."""
    price = MID_PRICE - (number * 7919 + connection) % BOOK_LEVELS
    return _place_bid(number, price, f',"client_order_id":"resting-{connection}-{number}"')


def _place_bid(number: int, price: int, more: str = "") -> bytes:
    return frame(
        f'{{"id":{number},"method":"order.place","params":{{"market":"BTC-USDT","side":"buy","type":"limit",'
        f'"size":"0.0002","price":"{price}"{more}}}}}'.encode()
    )


async def connect_traders(url: str, tokens: Sequence[str | None]) -> list[SocketWire]:
    """Return a websocket for each token."""
    return [await connect_socket(url, token) for token in tokens]
