from typing import Any

import pytest

from cryptex.node import connection
from cryptex.protocol.channels import book_checksum
from tests.node.asgi import Socket
from tests.node.edge import Edge, limit

Book = dict[str, dict[str, str]]


class Reader:
    """A client's copy of a book: folds messages and checks chain and checksum."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.sequence = 0
        self.book: Book = {"bids": {}, "asks": {}}

    def apply(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.book = {"bids": {}, "asks": {}}
        else:
            assert message["prev"] == self.sequence
            assert message["sequence"] > self.sequence
        self.sequence = message["sequence"]
        for side, levels in self.book.items():
            for price, size in message[side]:
                if size == "0":
                    del levels[price]
                else:
                    levels[price] = size
            assert len(levels) <= self.depth
        bids, asks = self.sides()
        assert message["checksum"] == book_checksum(bids, asks)

    def sides(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        bids = sorted(self.book["bids"].items(), key=lambda level: -float(level[0]))
        return bids, sorted(self.book["asks"].items(), key=lambda level: float(level[0]))


async def subscribe(socket: Socket, channel: str, **params: object) -> Any:
    """Subscribe and return the snapshot."""
    await socket.call("subscribe", channel=channel, **params)
    snapshot = await socket.message()
    assert (snapshot["channel"], snapshot["type"]) == (channel, "snapshot")
    assert "prev" not in snapshot
    return snapshot


async def traders(node: Edge) -> tuple[str, str]:
    _, ann = await node.user("ann", USDT="900000")
    _, bob = await node.user("bob", BTC="100")
    return ann, bob


async def test_a_book_is_a_snapshot_and_chained_updates(node: Edge) -> None:
    ann, bob = await traders(node)
    await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
    async with node.socket() as socket:
        reader = Reader(25)
        reader.apply(await subscribe(socket, "book", markets=["BTC-USDT"], depth=25))
        assert reader.book == {"bids": {"100.00": "1.00000"}, "asks": {}}
        await node.post("/orders", limit("BTC-USDT", "sell", "2", "110"), bob)
        reader.apply(await socket.message())
        await node.post("/orders", limit("BTC-USDT", "sell", "0.4", "100"), bob)
        reader.apply(await socket.message())
        assert reader.book == {"bids": {"100.00": "0.60000"}, "asks": {"110.00": "2.00000"}}
        await node.ask("DELETE", "/orders", token=bob)
        reader.apply(await socket.message())
        assert reader.book["asks"] == {}


async def test_levels_enter_and_leave_the_view_of_a_depth(node: Edge) -> None:
    ann, _ = await traders(node)
    forms = [limit("BTC-USDT", "buy", "1", str(price)) for price in range(100, 112)]
    ids = [(await node.post("/orders", form, ann))["id"] for form in forms]
    async with node.socket() as socket, node.socket() as deep:
        reader, deep_reader = Reader(10), Reader(25)
        reader.apply(await subscribe(socket, "book", markets=["BTC-USDT"], depth=10))
        deep_reader.apply(await subscribe(deep, "book", markets=["BTC-USDT"], depth=25))
        await node.ask("DELETE", f"/orders/{ids[0]}", token=ann)  # below the view of ten
        await node.ask("DELETE", f"/orders/{ids[-1]}", token=ann)  # 101 is 11th: one leaves, one enters
        for each in (await deep.message(), await deep.message()):
            deep_reader.apply(each)
        message = await socket.message()
        assert message["bids"] == [["101.00", "1.00000"], ["111.00", "0"]]
        reader.apply(message)
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "120"), ann)
        message = await socket.message()
        assert message["bids"] == [["120.00", "1.00000"], ["101.00", "0"]]
        reader.apply(message)
        deep_reader.apply(await deep.message())
        assert [price for price, _ in reader.sides()[0]] == [price for price, _ in deep_reader.sides()[0]][:10]


async def test_who_comes_later_stands_in_the_same_chain(node: Edge) -> None:
    ann, _ = await traders(node)
    async with node.socket() as first, node.socket() as second:
        one, two = Reader(25), Reader(25)
        one.apply(await subscribe(first, "book", markets=["BTC-USDT"]))
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
        one.apply(await first.message())
        await node.post("/orders", limit("ETH-USDT", "buy", "1", "100"), ann)
        two.apply(await subscribe(second, "book", markets=["BTC-USDT"]))
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "101"), ann)
        one.apply(await first.message())
        two.apply(await second.message())
        assert one.book == two.book
        two.apply(await subscribe(second, "book", markets=["BTC-USDT"]))
        assert one.book == two.book


async def test_trades_ticker_and_candles(node: Edge) -> None:
    ann, bob = await traders(node)
    await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
    async with node.socket() as socket:
        assert (await subscribe(socket, "trades", markets=["BTC-USDT"]))["trades"] == []
        assert (await subscribe(socket, "ticker", markets=["BTC-USDT"]))["ticker"]["best_bid"] == "100.00"
        candles = await subscribe(socket, "candles", markets=["BTC-USDT"], interval="5m")
        assert (candles["interval"], candles["candles"]) == ("5m", [])
        await node.post("/orders", limit("BTC-USDT", "sell", "0.4", "100"), bob)
        trades, ticker, candles = [await socket.message() for _ in range(3)]
        (trade,) = trades["trades"]
        assert (trade["price"], trade["size"], trade["side"]) == ("100.00", "0.40000", "sell")
        assert (ticker["ticker"]["last"], ticker["ticker"]["volume"]) == ("100.00", "0.40000")
        assert [each["close"] for each in candles["candles"]] == ["100.00"]
        assert trades["prev"] < trades["sequence"] == ticker["sequence"] == candles["sequence"]
        await node.post("/orders", limit("BTC-USDT", "sell", "0.1", "120"), bob)
        ticker = await socket.message()
        assert ticker["ticker"]["best_ask"] == "120.00"
        await node.post("/orders", limit("BTC-USDT", "sell", "0.1", "130"), bob)  # changes no best price
        again = await subscribe(socket, "trades", markets=["BTC-USDT"])
        assert again["trades"] == trades["trades"]


async def test_private_channels_tell_an_account_of_itself_alone(node: Edge) -> None:
    ann, bob = await traders(node)
    async with node.socket(ann) as socket, node.socket(bob) as other:
        for channel in ("orders", "fills", "wallet"):
            await subscribe(socket, channel)
        await subscribe(other, "orders")
        placed = await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
        orders, wallet = await socket.message(), await socket.message()
        assert orders["orders"] == [placed]
        (usdt,) = wallet["balances"]
        assert (usdt["asset"], usdt["held"]) == ("USDT", "100.00000000")
        await node.post("/orders", limit("BTC-USDT", "sell", "0.4", "100"), bob)
        orders, fills, wallet = [await socket.message() for _ in range(3)]
        assert [order["status"] for order in orders["orders"]] == ["partially_filled"]
        (fill,) = fills["fills"]
        assert (fill["order_id"], fill["liquidity"], fill["fee_asset"]) == (placed["id"], "maker", "BTC")
        assert {line["asset"] for line in wallet["balances"]} == {"BTC", "USDT"}
        (sold,) = (await other.message())["orders"]
        assert sold["status"] == "filled"
        assert (await node.get(f"/fills?order_id={placed['id']}", ann))["fills"] == [fill]


async def test_private_snapshots_hold_what_is_open_and_what_ended_lately(node: Edge) -> None:
    ann, _ = await traders(node)
    first = await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
    await node.ask("DELETE", f"/orders/{first['id']}", token=ann)
    second = await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
    rejected = await node.ask("POST", "/orders", limit("BTC-USDT", "buy", "100", "90000"), token=ann)
    async with node.socket(ann) as socket:
        orders = (await subscribe(socket, "orders"))["orders"]
        assert [(order["id"], order["status"]) for order in orders] == [
            (first["id"], "canceled"),
            (rejected.json()["order_id"], "rejected"),
            (second["id"], "open"),
        ]
        wallet = await subscribe(socket, "wallet")
        assert [line["asset"] for line in wallet["balances"]] == ["BTC", "ETH", "SOL", "USDT"]
        assert (await socket.refused("subscribe", channel="orders", markets=["BTC-USDT"]))["code"] == "invalid_request"


async def test_nothing_comes_after_unsubscribe(node: Edge) -> None:
    ann, _ = await traders(node)
    async with node.socket(ann) as socket:
        await subscribe(socket, "book", markets=["BTC-USDT"])
        await subscribe(socket, "orders")
        await socket.call("unsubscribe", channel="book", markets=["BTC-USDT"])
        await socket.call("unsubscribe", channel="orders")
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
        socket.start("ping")
        assert "ok" in await socket.message()


async def test_a_slow_consumer_gets_a_fresh_snapshot_and_others_notice_nothing(
    node: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "OUTBOX_SOFT_MESSAGES", 3)
    ann, _ = await traders(node)
    async with node.socket() as slow, node.socket() as quick:
        readers = [Reader(25), Reader(25)]
        for reader, each in zip(readers, (slow, quick), strict=True):
            reader.apply(await subscribe(each, "book", markets=["BTC-USDT"], depth=25))
        await slow.call("subscribe", channel="trades", markets=["BTC-USDT"])
        assert (await slow.message())["channel"] == "trades"
        slow.writable.clear()
        for price in range(100, 110):
            await node.post("/orders", limit("BTC-USDT", "buy", "1", str(price)), ann)
            readers[1].apply(await quick.message())
        slow.writable.set()
        readers[0].apply(await slow.message())  # it was with the server already
        resync, snapshot = await slow.message(), await slow.message()
        assert (resync["channel"], resync["market"], resync["depth"], resync["type"]) == (
            "book",
            "BTC-USDT",
            25,
            "resync",
        )
        assert snapshot["type"] == "snapshot"
        readers[0].apply(snapshot)
        assert readers[0].book == readers[1].book
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "200"), ann)
        readers[0].apply(await slow.message())
        assert readers[0].sides()[0][0] == ("200.00", "1.00000")
        assert node.core._publisher.slowness.resyncs == 1


async def test_replies_are_never_dropped(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OUTBOX_SOFT_MESSAGES", 3)
    _, ann = await node.user("ann", USDT="900000")
    async with node.socket(ann) as slow:
        await subscribe(slow, "orders")
        slow.writable.clear()
        forms = [limit("BTC-USDT", "buy", "1", str(price)) for price in range(100, 106)]
        ids: list[int] = []
        async with node.socket(ann) as watcher:
            for form in forms:
                ids.append(slow.start("order.place", **form))
                while len((await watcher.call("orders.open"))["orders"]) < len(ids):
                    await watcher.call("ping")
        slow.writable.set()
        replies = [await slow.reply(each) for each in ids]
        assert all(reply["ok"] for reply in replies)
        heard = [message["type"] for message in slow._aside]
        assert "resync" in heard
        while (message := await slow.message())["type"] != "snapshot":
            pass
        assert len(message["orders"]) == len(forms)


async def test_who_fell_behind_may_leave_before_the_snapshot(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OUTBOX_SOFT_MESSAGES", 3)
    ann, _ = await traders(node)
    async with node.socket() as slow:
        await subscribe(slow, "book", markets=["BTC-USDT"])
        slow.writable.clear()
        for price in range(100, 110):
            await node.post("/orders", limit("BTC-USDT", "buy", "1", str(price)), ann)
        left = slow.start("unsubscribe", channel="book", markets=["BTC-USDT"])
        async with node.socket() as other:  # a turn later the node has read it
            await other.call("ping")
        slow.writable.set()
        await slow.reply(left)
        await slow.call("ping")
        assert "snapshot" not in [message["type"] for message in slow._aside]
        assert node.core._publisher.subscriptions == 0


async def test_a_fault_in_a_channel_closes_its_subscribers_alone(node: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, _ = await traders(node)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with node.socket() as socket, node.socket() as other:
        await subscribe(socket, "book", markets=["BTC-USDT"])
        await subscribe(other, "ticker", markets=["BTC-USDT"])
        monkeypatch.setattr(node.core.exchange, "depth", broken)
        await node.post("/orders", limit("BTC-USDT", "buy", "1", "100"), ann)
        assert await socket.closed() == 1011
        assert (await other.message())["ticker"]["best_bid"] == "100.00"
    assert not node.core.failed.is_set()
