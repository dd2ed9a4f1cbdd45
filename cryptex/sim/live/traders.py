"""The simulated traders of a node: a scenario's cast in each of its markets, as a companion of the node."""

import asyncio
import logging
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from cryptex.engine.exchange import Exchange
from cryptex.node.applied import Applied
from cryptex.node.core import Core
from cryptex.node.early_log import EarlyLog
from cryptex.node.startup import StartRefused
from cryptex.protocol.commands import CancelOnDisconnect, Command, Deposit, Grant, OpenAccount
from cryptex.protocol.events import CommandRejected, Event
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND
from cryptex.protocol.views import SimulationView
from cryptex.sim.cast import Cast
from cryptex.sim.clock import WORLD
from cryptex.sim.live.fit import check_live, fitted
from cryptex.sim.live.floor import EarlyWay, Floor, SequencedWay
from cryptex.sim.live.pacer import Pacer
from cryptex.sim.live.venue import NodeVenue, account_key, connection_of
from cryptex.sim.paced_clock import PacedClock
from cryptex.sim.scenario import Scenario

MARKETS_MAX: Final = 16
"""Markets of a node that get traders; those after them stay empty."""

PAST_NS: Final = 180 * NANOSECONDS_PER_SECOND
"""How long the markets of a new node have been trading when it takes its first command."""

PAST_STEP_NS: Final = 10 * NANOSECONDS_PER_SECOND
PAST_NEAR_NS: Final = NANOSECONDS_PER_SECOND // 100
"""So close to now the past is over: now moves on while it is made, and is never caught up with."""

PAST_WALL_NS_MAX: Final = 2 * NANOSECONDS_PER_SECOND
"""How long a start may take over it: a slow machine, or a heavy scenario, has less of a past."""

FUNDS_CHECK_NS: Final = 600 * NANOSECONDS_PER_SECOND
FUNDS_UNITS_MAX: Final = AMOUNT_LIMIT // 2
"""Atomic units of an asset that all simulated traders together begin with: users need room too."""

FUNDS_LOW_SHARE: Final = 2
"""An account that has less than one part in so many of what it began with is filled up."""

_log: Final = logging.getLogger(__name__)


class _Member(NamedTuple):
    """An account of a cast, and what it is to have."""

    account_id: int
    opening: OpenAccount


class SimulatedTraders:
    """The cast of a scenario in each market of a node. A companion: see `cryptex.node.companion`.

    On an empty log they trade through a past first, as fast as they can; the scenario's time begins there.
    On any other they begin at once, at the prices there are, with the accounts that they had.
    """

    def __init__(self, scenario: Scenario, seed: int, past_ns: int = PAST_NS) -> None:
        """`past_ns`: how long a past. Raises Refusal(scenario_not_live)."""
        check_live(scenario)
        self.past_ns = past_ns
        self._scenario = scenario
        self._seed = seed
        self._members: list[_Member] = []
        self._heard: list[Applied] = []
        self._floor: Floor
        self._clock: PacedClock
        self._pacer: Pacer

    @property
    def simulation(self) -> SimulationView:
        """What a status says of it."""
        return SimulationView(self._scenario.name, self._seed)

    def begin(self, early: EarlyLog) -> None:
        """Open, or find, the accounts, and trade through the past of an empty log. Raises StartRefused."""
        is_new = early.exchange.epoch == 1
        self._clock = PacedClock(early.clock.now_ns)
        self._clock.pause()
        self._pacer = Pacer(self._clock, early.clock)
        self._floor = Floor(self._clock, early.exchange)
        start_ns = early.exchange.time_ns
        self._floor.way = EarlyWay(self._floor, early, start_ns)
        openings = list(self._openings(early.exchange))
        most_units = FUNDS_UNITS_MAX // max(1, len(openings))
        for opening in openings:
            grants = tuple(Grant(grant.asset, min(grant.units, most_units)) for grant in opening.grants)
            self._settle(early, OpenAccount(opening.registration_key, grants, bot=True))
        self._clock.call_at(FUNDS_CHECK_NS, self._check_funds, None, WORLD)
        if is_new:
            self._trade_through(early, start_ns)

    def start(self, core: Core) -> None:
        """Go on at the pace of the wall's clock, through the sequencer."""
        self._loop = asyncio.get_running_loop()
        self._floor.way = SequencedWay(self._floor, core)
        self._pacer.start()

    def publish(self, batch: list[Applied]) -> None:
        """Take note of a batch; its senders hear their answers before the traders hear of it."""
        if self._pacer.running:
            if not self._heard:
                self._loop.call_soon(self._tell)
            self._heard += batch

    def stop(self) -> None:
        """Trade no more. What rests in the books is canceled by the node's next start."""
        self._pacer.stop()

    def _openings(self, exchange: Exchange) -> Iterator[OpenAccount]:
        """Let a cast wait in each market for the clock, and yield their accounts. Raises StartRefused."""
        symbols = list(exchange.markets)
        if len(symbols) > MARKETS_MAX:
            _log.warning("simulated traders are in the first %d of %d markets", MARKETS_MAX, len(symbols))
        for symbol in symbols[:MARKETS_MAX]:
            scenario = fitted(self._scenario, exchange.definition(symbol), exchange.last_price_ticks(symbol))
            start_ticks = exchange.definition(symbol).price_ticks(scenario.market.price)
            venue = self._floor.venues[symbol] = NodeVenue(self._floor, symbol, start_ticks)
            try:
                cast = Cast(scenario, self._seed, venue)
            except Refusal as refusal:
                raise StartRefused(refusal.message) from refusal
            for opening in cast.roster():
                yield OpenAccount(account_key(symbol, opening.registration_key), opening.grants, bot=True)

    def _settle(self, early: EarlyLog, opening: OpenAccount) -> None:
        """Open an account or fill it up, and tie its orders to this run of the node."""
        exchange = early.exchange
        account_id = exchange.account_for(opening.registration_key)
        if account_id is None:
            self._must(early, opening)
            account_id = exchange.account_for(opening.registration_key) or 0
        member = _Member(account_id, opening)
        self._members.append(member)
        for deposit in _missing(exchange, member):
            self._must(early, deposit)
        self._must(early, CancelOnDisconnect(account_id, connection_of(account_id), enabled=True))

    def _must(self, early: EarlyLog, command: Command) -> None:
        early.apply(early.exchange.time_ns, command)
        answer = early.exchange.answer
        if isinstance(answer, CommandRejected):
            raise StartRefused(f"the simulated traders can not be funded: {answer.message}")

    def _trade_through(self, early: EarlyLog, start_ns: int) -> None:
        """Let the clock run until it is about now, or for as long as that may take."""
        begin_ns = early.clock.now_ns()
        while (left_ns := early.clock.now_ns() - start_ns - self._clock.time_ns) > PAST_NEAR_NS:
            self._clock.run_until(self._clock.time_ns + min(left_ns, PAST_STEP_NS))
            if early.clock.now_ns() - begin_ns > PAST_WALL_NS_MAX:
                break

    def _check_funds(self, _: None) -> None:
        """Fill up what runs low: fees and losses would end a long day's trading."""
        self._clock.call_at(self._clock.time_ns + FUNDS_CHECK_NS, self._check_funds, None, WORLD)
        for member in self._members:
            for deposit in _missing(self._floor.exchange, member):
                self._floor.way.send(deposit, _unheard)

    def _tell(self) -> None:
        heard, self._heard = self._heard, []
        for applied in heard:
            self._pacer.guarded(partial(self._floor.tell, applied.events))


def _missing(exchange: Exchange, member: _Member) -> Iterator[Deposit]:
    """Yield what fills an account up that has too little of an asset."""
    for grant in member.opening.grants:
        units = sum(exchange.balance(member.account_id, grant.asset))
        if units * FUNDS_LOW_SHARE < grant.units:
            yield Deposit(member.account_id, grant.asset, grant.units - units)


def _unheard(_: Event | None) -> None:
    """Let an answer pass."""
