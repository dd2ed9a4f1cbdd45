"""A scenario's cast: agents that come to a market and go, and what happens there at set times."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Final

from cryptex.protocol.commands import Grant, HaltMarket, OpenAccount, ResumeMarket
from cryptex.protocol.durations import duration_ns
from cryptex.protocol.problems import Refusal
from cryptex.sim.agents.base import GroupSettings, Place
from cryptex.sim.bot import Bot
from cryptex.sim.clock import WORLD
from cryptex.sim.context import Context
from cryptex.sim.randomness import stream
from cryptex.sim.scenario import EventKind, Scenario, TimedEvent, wrong
from cryptex.sim.venue import Venue
from cryptex.sim.world import World

_NANOSECONDS_PER_MS: Final = 1_000_000


class Cast:
    """A scenario's agents at a venue. `accounts`: their ids by name, in the order in which they came."""

    def __init__(self, scenario: Scenario, seed: int, venue: Venue) -> None:
        """The venue's market is the scenario's, in whatever steps.

        Raises Refusal(invalid_scenario) where a group needs a file that is not there, or is wrong.
        """
        self.scenario = scenario
        self.seed = seed
        self._venue = venue
        self._clock = venue.clock
        self.start_ticks = venue.market.price_ticks(scenario.market.price)
        self.typical_lots = venue.market.size_lots(scenario.market.typical_size)
        self.world = World(
            venue,
            scenario.attention,
            scenario.fundamental,
            scenario.volatility,
            scenario.schedules,
            partial(stream, seed, scenario.draws or scenario.name, "world", 0),
        )
        self._makers = {name: self._maker(name, group) for name, group in scenario.members.items()}
        self.accounts: dict[str, int] = {}
        self._contexts: dict[str, list[Context]] = {}
        self.world.start()
        for name, group in scenario.members.items():
            self._schedule_group(name, group)
        for event in scenario.events:
            self._clock.call_at(duration_ns(event.at), self._happen, event, WORLD)

    def roster(self) -> Iterator[OpenAccount]:
        """Yield the accounts of all who will ever come."""
        added: dict[str, int] = {}
        for event in self.scenario.events:
            if event.kind is EventKind.ADD:
                added[event.group] = added.get(event.group, 0) + event.count
        for name, group in self.scenario.members.items():
            for index in range(group.agents(self.world) + added.get(name, 0)):
                yield self._opening(name, group, index)

    def contexts(self, group: str) -> list[Context]:
        """Return the agents of a group that have come so far, those that went included."""
        return self._contexts[group]

    @property
    def rejected(self) -> int:
        """Orders that the exchange rejected."""
        return sum(context.rejected for contexts in self._contexts.values() for context in contexts)

    def _maker(self, name: str, group: GroupSettings) -> Callable[[Place], Bot]:
        try:
            return group.maker(self.world)
        except Refusal as refusal:
            field = f"groups.{name}.{refusal.details['field']}"
            raise wrong(field, f"{field}: {refusal.message}") from refusal.__cause__

    def _schedule_group(self, name: str, group: GroupSettings) -> None:
        self._contexts[name] = []
        start_ns = duration_ns(group.start)
        self._clock.call_at(start_ns, self._add, (name, group.agents(self.world)), WORLD)
        if group.stop:
            self._clock.call_at(duration_ns(group.stop), self._remove, (name, 0), WORLD)

    def _add(self, what: tuple[str, int]) -> None:
        name, count = what
        group, contexts = self.scenario.members[name], self._contexts[name]
        begin = len(contexts)
        for index in range(begin, begin + count):
            contexts.append(self._join(name, group, index))
        for context in contexts[begin:]:
            self._venue.guarded(context, context.start, None)

    def _remove(self, what: tuple[str, int]) -> None:
        """Let the youngest `count` of a group that still trade end; 0 means all."""
        name, count = what
        trading = [context for context in self._contexts[name] if not context.stopped]
        for context in trading[-count:] if count else trading:
            context.stop()

    def _join(self, name: str, group: GroupSettings, index: int) -> Context:
        venue, scenario = self._venue, self.scenario
        opening = self._opening(name, group, index)
        account_id = self.accounts[opening.registration_key] = venue.open_account(opening)
        bot = self._makers[name](Place(name, index))
        port = venue.port(account_id, int(group.latency_ms * _NANOSECONDS_PER_MS))
        streams: Callable[[str], Random] = partial(stream, self.seed, scenario.draws or scenario.name, name, index)
        context = Context(bot, port, streams, self.typical_lots)
        venue.attach(port, context, bot)
        return context

    def _opening(self, name: str, group: GroupSettings, index: int) -> OpenAccount:
        return OpenAccount(f"{name}-{index}", self.grants(group), bot=True)

    def grants(self, group: GroupSettings) -> tuple[Grant, ...]:
        """Return what an agent of a group begins with."""
        market = self._venue.market
        lots = int(group.funds * self.typical_lots)
        if not lots:
            return ()
        return (
            Grant(market.base.symbol, lots * market.lot_units),
            Grant(market.quote.symbol, lots * self.start_ticks * market.notional_units),
        )

    def _happen(self, event: TimedEvent) -> None:
        match event.kind:
            case EventKind.NEWS:
                self.world.announce(event.text, event.move_bps)
            case EventKind.VALUE:
                self.world.move_value(event.move_bps)
            case EventKind.HALT:
                self._venue.apply(HaltMarket(self._venue.symbol, duration_ns(event.duration) if event.duration else 0))
            case EventKind.RESUME:
                self._venue.apply(ResumeMarket(self._venue.symbol))
            case EventKind.ADD:
                self._add((event.group, event.count))
            case EventKind.REMOVE:
                self._remove((event.group, event.count))
