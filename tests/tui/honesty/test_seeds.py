"""Whatever the server does to its updates: what the model takes for live is what was true at that sequence."""

import pytest

from cryptex.tui.model import STALE_AFTER_S, Link, TerminalModel
from cryptex.tui.sources import Sources
from tests.client.fake_node import FakeTime
from tests.tui.fake_exchange import MARKETS
from tests.tui.honesty.mischief import Mischief, ScriptedExchange, harmful, settled
from tests.tui.honesty.truth import MARKET

STEPS = 40
SEEDS = range(36)


class Witness:
    """Compares what would be drawn as live with what the server had."""

    def __init__(self, mischief: Mischief, exchange: ScriptedExchange, time: FakeTime) -> None:
        self._mischief = mischief
        self._exchange = exchange
        self._time = time
        self.model = TerminalModel()
        self.model.set_markets(MARKETS[:1])
        self.sources = Sources(exchange, self.model, lambda: "")
        self.live_looks = 0
        self._book = exchange.watch_book(MARKET)
        self._orders = exchange.watch_orders()
        self._trades = exchange.watch_trades(MARKET)
        self._wallet = exchange.watch_wallet()

    async def open(self) -> None:
        await self._exchange.connect()
        self.sources.open([MARKET])
        await self.sources.turn(MARKET)

    def look(self) -> Link:
        """Fold a frame and judge it."""
        self.sources.fold()
        link = self.model.connection(self._exchange.state, self.sources.book_live, self._time.now_s).link
        if link is not Link.LIVE:
            return link
        self.live_looks += 1
        depth, book, orders = self.model.depth, self._book.replica, self._orders.replica
        assert depth is not None
        assert (list(depth.bids), list(depth.asks)) == self._mischief.book.was[book.epoch, book.sequence]
        if self._orders.live:
            shown = [order.id for order in self.model.orders or ()]
            assert shown == self._mischief.orders.was[orders.epoch, orders.sequence]
        self._judge_own()
        return link

    def _judge_own(self) -> None:
        trades, wallet = self._trades.replica, self._wallet.replica
        if self._trades.live:
            shown = [trade.id for trade in self.model.trades or ()]
            assert shown == self._mischief.trades.was[trades.epoch, trades.sequence]
        if self._wallet.live:
            held = {b.asset: (b.balance, b.held) for b in self.model.balances or ()}
            assert held == self._mischief.wallet.was[wallet.epoch, wallet.sequence]


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_live_is_true_at_its_sequence_and_in_the_end_it_is_all_there(seed: int) -> None:
    async with harmful(seed) as (mischief, exchange, time):
        witness = Witness(mischief, exchange, time)
        await witness.open()
        for _ in range(STEPS):
            await mischief.step()
            witness.look()
            await settled(exchange)
            witness.look()
            time.now_s += mischief.random.choice([0.05, 0.5])
        assert witness.live_looks > STEPS / 4, "else nothing was judged"
        for message in [truth.step() for truth in mischief.truths]:  # by these, what was lost last is noticed
            await mischief.send(message)
        for _ in range(20):  # until the snapshots that mend it are there
            await settled(exchange)
        assert witness.look() is Link.LIVE
        assert witness.model.depth is not None
        assert (list(witness.model.depth.bids), list(witness.model.depth.asks)) == mischief.book.now
        assert [order.id for order in witness.model.orders or ()] == mischief.orders.now
        assert [trade.id for trade in witness.model.trades or ()] == mischief.trades.now
        assert {b.asset: (b.balance, b.held) for b in witness.model.balances or ()} == mischief.wallet.now


async def test_silence_is_not_live() -> None:
    async with harmful(0) as (mischief, exchange, time):
        witness = Witness(mischief, exchange, time)
        await witness.open()
        for _ in range(5):
            await settled(exchange)
        assert witness.look() is Link.LIVE
        time.now_s += STALE_AFTER_S + 0.1
        assert witness.look() is Link.STALE
        await mischief.send(mischief.book.step())
        await settled(exchange)
        assert witness.look() is Link.LIVE
