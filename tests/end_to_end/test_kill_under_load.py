"""SIGKILL under load: every acknowledged order is there afterwards, once, and no funds were made or destroyed."""

import asyncio
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random

from cryptex.client import Exchange
from cryptex.client.errors import NodeUnreachableError, OutcomeUnknownError
from cryptex.client.rest import RestClient
from tests.end_to_end.node_process import NodeProcess, both_builds

CLIENTS = 4
IN_FLIGHT = 8
ACKNOWLEDGED_BEFORE_KILL = 600


class Load:
    """Clients that place orders as fast as they are answered, and what each of them was told."""

    def __init__(self) -> None:
        self.sent: dict[str, set[str]] = {}
        self.acknowledged: dict[str, dict[str, int]] = {}
        self.enough = asyncio.Event()
        self.total = 0

    async def trade(self, url: str, name: str, token: str) -> None:
        """Trade until the node is gone."""
        self.sent[name], self.acknowledged[name] = set(), {}
        async with Exchange(url, token) as exchange:
            await asyncio.gather(
                *(self._trade(exchange, name, lane) for lane in range(IN_FLIGHT)), return_exceptions=False
            )

    async def _trade(self, exchange: Exchange, name: str, lane: int) -> None:
        random = Random(f"{name}:{lane}")
        number = 0
        while True:
            key = f"{lane}-{number}"
            number += 1
            side = random.choice(["buy", "sell"])
            price = 60000 + random.randrange(-20, 21)
            self.sent[name].add(key)
            try:
                order = await exchange.place_order(
                    "BTC-USDT", side, "0.001", price=price, client_order_id=key, self_trade_prevention="cancel_oldest"
                )
            except (NodeUnreachableError, OutcomeUnknownError):  # it was killed before or after this was sent
                return
            self.acknowledged[name][key] = order.id
            self.total += 1
            if self.total >= ACKNOWLEDGED_BEFORE_KILL:
                self.enough.set()


def all_orders(client: RestClient) -> list[tuple[str | None, int]]:
    """Return (client_order_id, id) of every order, page by page."""
    rows: list[tuple[str | None, int]] = []
    before: int | None = None
    while True:
        page = client.orders(limit=500, before=before)
        rows += [(order.client_order_id, order.id) for order in page]
        if page.next is None:
            return rows
        before = page.next


@both_builds
async def test_no_acknowledged_order_is_lost_or_doubled(tmp_path: Path, installed: bool) -> None:
    names = [f"trader{number}" for number in range(CLIENTS)]
    with NodeProcess(tmp_path, installed=installed) as node:
        users = {name: node.user(name) for name in names}
        for client in users.values():
            client.deposit("BTC", "1")
        load = Load()
        trading = [asyncio.create_task(load.trade(node.url, name, users[name].token or "")) for name in names]
        await load.enough.wait()
        node.kill()
        await asyncio.gather(*trading)
        node.start()
        total = Counter[str]()
        for name in names:
            client = node.again(name)
            rows = all_orders(client)
            found = dict(rows)
            assert len(found) == len(rows), "an order was doubled"
            assert load.acknowledged[name].items() <= found.items(), "an acknowledged order was lost"
            assert set(found) <= load.sent[name], "an order came from nowhere"
            for balance in client.wallet():
                assert balance.balance == balance.available + balance.held
                total[balance.asset] += balance.balance
            for asset in ("BTC", "USDT"):
                total[asset] += fees(client, asset)
        assert total["BTC"] == Decimal(CLIENTS)
        assert total["USDT"] == Decimal(100_000 * CLIENTS)
        assert node.stop() == 0


def fees(client: RestClient, asset: str) -> Decimal:
    """Return what a user paid in fees of an asset."""
    paid, before = Decimal(0), None
    while True:
        page = client.fills(limit=500, before=before)
        paid += sum((fill.fee for fill in page if fill.fee_asset == asset), Decimal(0))
        if page.next is None:
            return paid
        before = page.next
