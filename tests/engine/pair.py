"""The engine and the oracle side by side: every command goes to both, and after each they must look the same."""

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.terms import FEE_ACCOUNT, OUTSIDE_ACCOUNT, Side
from tests.engine.fold import FoldedOrder, fold
from tests.engine.subject import EngineSubject, OracleSubject

DEPTH_ALL = 10_000
Levels = dict[tuple[str, Side], dict[int, int]]


class Pair:
    """Both exchanges and the log of what they were told."""

    def __init__(self) -> None:
        self.engine = EngineSubject()
        self.naive = OracleSubject()
        self.log: list[tuple[int, c.Command]] = []
        self.levels: Levels = {}
        self.folded: dict[int, FoldedOrder] = {}

    @property
    def now_ns(self) -> int:
        return self.log[-1][0] if self.log else 0

    def apply(self, command: c.Command, after_ns: int = 1) -> tuple[str, ...]:
        """Tell both a command, and compare all that can be seen."""
        time_ns = self.now_ns + after_ns
        self.log.append((time_ns, command))
        answer = self.engine.apply(time_ns, command)
        assert answer == self.naive.apply(time_ns, command)
        self.engine.exchange.check()
        self.compare_orders()
        self.compare_funds()
        self.compare_books()
        assert self.engine.withdrawals() == self.naive.withdrawals()
        return answer

    def compare_orders(self) -> None:
        """Orders, trades and deadlines are equal, and the events tell each order's story to its present state."""
        touched = {event.order_id for event in self.engine.told if hasattr(event, "order_id")}
        for event in self.engine.told:
            fold(self.folded, event)
        assert self.folded.keys() == self.naive.oracle.orders.keys()
        for order_id in touched | {order.id for order in self.naive.oracle.orders.values() if order.is_open}:
            seen = self.engine.order(order_id)
            assert seen == self.naive.order(order_id)
            assert all(getattr(seen, name) == value for name, value in vars(self.folded[order_id]).items())
        assert self.engine.trades()[-5:] == self.naive.trades()[-5:]
        assert self.engine.next_deadline_ns() == self.naive.next_deadline_ns()

    def compare_funds(self) -> None:
        """Postings fold into the balances that both know, and each entry sums to zero by asset."""
        expected = self.naive.balances()
        assert self.engine.balances() == expected
        exchange = self.engine.exchange
        for account in [*exchange.accounts(), FEE_ACCOUNT, OUTSIDE_ACCOUNT]:
            for asset, free, held in exchange.balances(account):
                assert (free, held) == expected.get((account, asset.symbol), (0, 0))
        sums: dict[tuple[int, str], int] = {}
        for event in self.engine.told:
            if isinstance(event, e.Posting):
                key = (event.entry_id, event.asset)
                sums[key] = sums.get(key, 0) + event.available_change + event.held_change
        assert not any(sums.values())

    def compare_books(self) -> None:
        """Queues are equal, and LevelChanged events fold into the depth; each names a level once a command."""
        told = [event for event in self.engine.told if isinstance(event, e.LevelChanged)]
        assert len({(event.market, event.side, event.price_ticks) for event in told}) == len(told)
        for event in told:
            side = self.levels.setdefault((event.market, event.side), {})
            side[event.price_ticks] = event.size_lots
            if event.size_lots == 0:
                del side[event.price_ticks]
        for market in self.engine.exchange.markets:
            bids, asks = self.engine.exchange.depth(market, DEPTH_ALL)
            assert bids == sorted(self.levels.get((market, Side.BUY), {}).items(), reverse=True)
            assert asks == sorted(self.levels.get((market, Side.SELL), {}).items())
            assert self.engine.exchange.last_price_ticks(market) == self.naive.oracle.last_price(market)
            assert self.engine.market_state(market) == self.naive.market_state(market)
            assert self.engine.uncrossing(market) == self.naive.uncrossing(market)
            for side in Side:
                assert self.engine.book(market, side) == self.naive.book(market, side)

    def finish(self) -> None:
        """The log gives the same state again: from the start, and from a snapshot in the middle on."""
        assert self.engine.orders() == self.naive.orders()
        assert self.engine.trades() == self.naive.trades()
        expected = state_hash(self.engine.exchange)
        events: list[e.Event] = []
        again = replayed(Exchange(), self.log, events)
        assert state_hash(again) == expected
        assert events == self.engine.events
        middle = len(self.log) // 2
        half = load(dump(replayed(Exchange(), self.log[:middle], [])))
        assert state_hash(replayed(half, self.log[middle:], [])) == expected
        half.check()


def replayed(exchange: Exchange, log: list[tuple[int, c.Command]], events: list[e.Event]) -> Exchange:
    """Apply a log and collect its events."""
    for time_ns, command in log:
        events += exchange.apply(time_ns, command)
    return exchange
