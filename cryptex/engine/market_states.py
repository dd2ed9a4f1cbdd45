"""Open, halted, auction: how a market passes from one state to the next."""

from collections import deque
from typing import Final, NamedTuple

from cryptex.engine.auction import Auction
from cryptex.engine.deadlines import Deadlines
from cryptex.engine.live_market import LiveMarket
from cryptex.engine.order import WorkingOrder
from cryptex.engine.step import Step
from cryptex.engine.uncrossing import Uncrossing
from cryptex.protocol.events import MarketStateChanged
from cryptex.protocol.terms import MarketState


class Phase(NamedTuple):
    """The state of a market, when it ends by itself (0: it does not), and what its auction would come to now."""

    state: MarketState = MarketState.OPEN
    ends_ns: int = 0
    uncrossing: Uncrossing | None = None


OPEN_PHASE: Final = Phase()


class MarketStates:
    """Halts markets and opens them again. Times are log time."""

    def __init__(self, auction: Auction, deadlines: Deadlines, reached: deque[WorkingOrder], step: Step) -> None:
        """`reached` are the stops that are about to run: those of a market that halts wait until it opens."""
        self.auction = auction
        self.deadlines = deadlines
        self.reached = reached
        self.step = step

    def halt(self, market: LiveMarket, ends_ns: int) -> MarketStateChanged:
        """Halt a market until a time, or (0) until it is resumed."""
        self._park_stops(market)
        if market.breaker is not None:
            market.breaker.clear()
        return self._enter(market, MarketState.HALTED, ends_ns)

    def trip(self, market: LiveMarket) -> None:
        """Halt a market for as long as its breaker says."""
        breaker = market.definition.breaker
        if breaker is not None:
            self.halt(market, self.step.time_ns + breaker.halt_duration_ns)

    def advance(self, market: LiveMarket) -> MarketStateChanged:
        """Go on from a halt to the auction that reopens the market, and from the auction to the open market."""
        duration_ns = market.definition.auction_duration_ns
        if market.state is MarketState.HALTED and duration_ns:
            return self._enter(market, MarketState.AUCTION, self.step.time_ns + duration_ns)
        self.reached.extend(market.parked_stops)
        market.parked_stops.clear()
        self.auction.uncross(market)
        return self._enter(market, MarketState.OPEN, 0)

    def _enter(self, market: LiveMarket, state: MarketState, ends_ns: int) -> MarketStateChanged:
        market.enter(state, ends_ns)
        if ends_ns:
            self.deadlines.add_market(ends_ns, market.symbol)
        changed = MarketStateChanged(market.symbol, state, ends_ns)
        self.step.events.append(changed)
        return changed

    def _park_stops(self, market: LiveMarket) -> None:
        """Set the market's reached stops aside, in their order."""
        reached = self.reached
        for _ in range(len(reached)):
            order = reached.popleft()
            (market.parked_stops if order.live_market is market else reached).append(order)
