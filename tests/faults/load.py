"""A trader in a process of its own: it trades as fast as it is answered, and says what it sent and what it was told.

`python -m tests.faults.load TOKEN SEED` reads websocket addresses on stdin, one a line, and trades at each until that
node is gone. What it says on stdout is one word and its particulars a line, each written at once:

    send place KEY, send cancel ORDER_ID    before the request leaves
    done place KEY SEQUENCE                 after its reply; without the sequence where the order was there already
    done cancel ORDER_ID SEQUENCE
    refused place KEY CODE, refused cancel ORDER_ID CODE
    gone                                    the node is
"""

import asyncio
import json
import os
import sys
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

MARKET = "BTC-USDT"
IN_FLIGHT = 8
PRICES_AROUND = 60_000
PRICES_AWAY = 20
CANCEL_SHARE = 0.7
"""Of the orders that rest, so many are canceled at once: books stay small however long the storm."""


def say(*words: object) -> None:
    """Write a line, at once."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def wish(method: str, params: dict[str, Any]) -> tuple[str, Any]:
    """Return what names a request: `place` and the key, or `cancel` and the order."""
    return ("place", params["client_order_id"]) if method == "order.place" else ("cancel", params["id"])


class Trader:
    """Trades, and after an outage asks again for what was not answered."""

    def __init__(self, token: str, seed: int) -> None:
        self._token = token
        self._random = Random(seed)
        self._keys = 0
        self._ids = 0
        self._asked: dict[int, tuple[str, dict[str, Any]]] = {}
        """Requests under way, by id."""
        self._again: list[dict[str, Any]] = []
        """Orders that the last node did not answer."""

    async def trade(self, url: str) -> None:
        """Trade until the node is gone."""
        try:
            async with connect(url) as socket:
                await socket.send(json.dumps({"id": 0, "method": "login", "params": {"token": self._token}}))
                assert json.loads(await socket.recv())["ok"]
                for _ in range(IN_FLIGHT):
                    await self._place(socket)
                async for message in socket:
                    await self._take(socket, json.loads(message))
        except (OSError, WebSocketException):
            pass
        self._again += [params for method, params in self._asked.values() if method == "order.place"]
        self._asked.clear()
        say("gone")

    async def _ask(self, socket: ClientConnection, method: str, params: dict[str, Any]) -> None:
        self._ids += 1
        self._asked[self._ids] = (method, params)
        say("send", *wish(method, params))
        await socket.send(json.dumps({"id": self._ids, "method": method, "params": params}))

    async def _place(self, socket: ClientConnection) -> None:
        await self._ask(socket, "order.place", self._again.pop() if self._again else self._order())

    def _order(self) -> dict[str, Any]:
        self._keys += 1
        price = PRICES_AROUND + self._random.randint(-PRICES_AWAY, PRICES_AWAY)
        return {
            "market": MARKET,
            "side": self._random.choice(["buy", "sell"]),
            "type": "limit",
            "size": "0.001",
            "price": str(price),
            "self_trade_prevention": "cancel_oldest",
            "client_order_id": f"k{self._keys}",
        }

    async def _take(self, socket: ClientConnection, reply: dict[str, Any]) -> None:
        method, params = self._asked.pop(reply["id"])
        if not reply["ok"]:
            say("refused", *wish(method, params), reply["error"]["code"])
            await self._place(socket)
            return
        order = reply["result"]
        say("done", *wish(method, params), *(() if order.get("duplicate") else (order["sequence"],)))
        if order["status"] in ("open", "partially_filled") and self._random.random() < CANCEL_SHARE:
            await self._ask(socket, "order.cancel", {"id": order["id"]})
        else:
            await self._place(socket)


async def main() -> None:
    """Trade at each node that stdin names."""
    trader = Trader(sys.argv[1], int(sys.argv[2]))
    while line := await asyncio.to_thread(sys.stdin.readline):
        await trader.trade(line.strip())


if __name__ == "__main__":
    asyncio.run(main())
