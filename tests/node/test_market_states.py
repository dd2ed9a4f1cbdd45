"""Halts and auctions as users see them: REST, the ticker and book channels, and what is refused."""

from typing import Any

import msgspec

from cryptex.client.book_replica import BookReplica
from cryptex.protocol.channels import BookMessage
from cryptex.protocol.commands import DefineMarket, HaltMarket, ResumeMarket
from cryptex.protocol.times import time_text
from tests.node.edge import Edge
from tests.node.test_feed import limit, subscribe, traders

MARKET = "BTC-USDT"
SECOND_NS = 10**9
PATIENCE_S = 10.0


async def states(node: Edge) -> dict[str, str]:
    return {market["market"]: market["state"] for market in (await node.get("/markets"))["markets"]}


async def test_a_halt_is_told_and_refuses_all_but_cancels(node: Edge) -> None:
    ann, _ = await traders(node)
    resting = await node.post("/orders", limit(MARKET, "buy", "1", "100"), ann)
    async with node.socket() as socket:
        assert (await subscribe(socket, "ticker", markets=[MARKET]))["ticker"]["state"] == "open"
        await node.core.sequencer.submit(HaltMarket(MARKET, 60 * SECOND_NS))
        ticker = (await socket.message())["ticker"]
        ends_at = time_text(node.core.exchange.time_ns + 60 * SECOND_NS)
        assert (ticker["state"], ticker["state_ends_at"]) == ("halted", ends_at)
    assert await states(node) == {MARKET: "halted", "ETH-USDT": "open", "SOL-USDT": "open", "ETH-BTC": "open"}
    refused = await node.ask("POST", "/orders", limit(MARKET, "buy", "1", "100"), token=ann)
    problem = refused.json()
    assert (refused.status, problem["code"], problem["state"]) == (422, "market_halted", "halted")
    rejected = await node.get(f"/orders/{problem['order_id']}", ann)
    assert (rejected["status"], rejected["reject_code"]) == ("rejected", "market_halted")
    path = f"/orders/{resting['id']}"
    assert await node.refused("PATCH", path, {"size": "0.5"}, token=ann) == (422, "market_halted")
    assert (await node.ask("DELETE", path, token=ann)).json()["status"] == "canceled"
    await node.core.sequencer.submit(ResumeMarket(MARKET))
    assert (await states(node))[MARKET] == "open"


async def test_an_auction_is_followed_from_the_halt_to_the_trades(node: Edge) -> None:
    """Books are crossed meanwhile; chains and checksums hold, and the ticker says what would trade."""
    ann, bob = await traders(node)
    await define_auction(node, "10s")
    replica = BookReplica(MARKET, 25)
    async with node.socket() as books, node.socket() as tickers, node.socket() as trades:
        replica.apply(book(await subscribe(books, "book", markets=[MARKET])))
        await subscribe(tickers, "ticker", markets=[MARKET])
        await subscribe(trades, "trades", markets=[MARKET])
        await node.core.sequencer.submit(HaltMarket(MARKET))
        await node.core.sequencer.submit(ResumeMarket(MARKET))
        told = [(await tickers.message())["ticker"]["state"] for _ in range(2)]
        assert told == ["halted", "auction"]
        await node.post("/orders", limit(MARKET, "buy", "1", "101"), ann)
        assert (await tickers.message())["ticker"]["indicative_price"] is None
        await node.post("/orders", limit(MARKET, "sell", "0.4", "100"), bob)
        ticker = (await tickers.message())["ticker"]
        assert (ticker["best_bid"], ticker["best_ask"]) == ("101.00", "100.00")
        assert (ticker["indicative_price"], ticker["indicative_volume"]) == ("100.00", "0.40000")
        await node.post("/orders", limit(MARKET, "sell", "0.5", "100"), bob)
        assert (await tickers.message())["ticker"]["indicative_volume"] == "0.90000", "no best price changed"
        for _ in range(3):
            replica.apply(book(await books.message()))
        assert replica.best_bid is not None
        assert replica.best_ask is not None
        assert replica.best_bid.price > replica.best_ask.price
        assert (await node.get(f"/market_data?market={MARKET}"))["ticker"]["state"] == "auction"
        node.clock.advance(11)
        ticker = (await tickers.message())["ticker"]
        assert (ticker["state"], ticker["state_ends_at"], ticker["last"]) == ("open", None, "100.00")
        assert [trade["size"] for trade in (await trades.message())["trades"]] == ["0.40000", "0.50000"]
        replica.apply(book(await books.message()))
        assert replica.asks == []
    assert await node.core.projection.wait(node.core.exchange.sequence, PATIENCE_S), "nobody was told of the fills"
    for token in (ann, bob):
        fills = (await node.get("/fills", token))["fills"]
        assert {fill["liquidity"] for fill in fills} == {"taker"}


def book(message: dict[str, Any]) -> BookMessage:
    return msgspec.convert(message, BookMessage)


async def define_auction(node: Edge, duration: str) -> None:
    """Give the market an auction, as other settings would."""
    defined = DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", auction_duration=duration)
    await node.core.sequencer.submit(defined)
