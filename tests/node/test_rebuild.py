"""History made anew from the journal, beside what the projector wrote while the node lived: the tables are the same."""

from pathlib import Path

from cryptex.node.rebuild import rebuild
from cryptex.node.verify import verify
from tests.node.edge import Edge, edge, limit
from tests.node.test_verify import history_tables

MARKET = "BTC-USDT"


async def _day(node: Edge) -> None:
    """Everything that leaves a row of its own kind, over some time."""
    _, ann = await node.user("ann", USDT="5000", BTC="50")
    _, bob = await node.user("bob", USDT="5000", BTC="50")
    async with node.socket(ann) as one, node.socket(bob) as other:
        for step in range(8):
            node.clock.advance(40)
            price = str(100 + step % 3)
            await one.call("order.place", **limit(MARKET, "sell", "2", price, client_order_id=f"a{step}"))
            await other.call("order.place", **limit(MARKET, "buy", "1.5", price, time_in_force="ioc"))
            await other.call("order.place", **limit(MARKET, "buy", "1", "90"))
            await one.call("order.amend", client_order_id=f"a{step}", price="103")
        stop = {"market": MARKET, "side": "sell", "type": "stop", "size": "1", "stop_price": "95"}
        await one.call("order.place", **stop)
        await one.call("order.place", **{**stop, "type": "stop_limit", "price": "94", "stop_price": "94"})
        await other.refused("order.place", **limit(MARKET, "buy", "5000", "100"))
        await one.call("order.place", **limit(MARKET, "sell", "1", "90"))
        await one.call("order.place", **limit(MARKET, "sell", "1", "90", self_trade_prevention="decrement"))
        await other.call("order.place", market=MARKET, side="buy", type="market", quote_size="300")
        await other.call("order.cancel_all")
        await one.call("cancel_after", seconds=5)
        node.clock.advance(3000)
        await node.get("/orders?status=canceled", ann)


async def test_a_rebuilt_history_is_the_one_that_was_written_live(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for _ in range(2):  # a second start: another epoch, and a projector that goes on from a snapshot
        async with edge(folder) as node:
            if node.core.epoch == 1:
                await _day(node)
            else:
                _, eve = await node.user("eve", USDT="1000")
                await node.post("/orders", limit(MARKET, "buy", "1", "103"), eve)
    live = history_tables(folder)
    for name in ("orders", "trades", "fills", "entries", "postings", "candles", "books", "markets", "assets", "meta"):
        assert live[name], name
    end = live["meta"][0]
    rebuild(folder)
    assert history_tables(folder) == live
    assert history_tables(folder)["meta"][0] == end
    assert [each for each in verify(folder) if not each.ok] == []
