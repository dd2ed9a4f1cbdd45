"""A scenario set in motion: accounts funded, agents in their places, events on the clock."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from cryptex.engine.snapshot import state_hash
from cryptex.protocol.commands import Command, DefineAsset, DefineMarket, Grant, HaltMarket, OpenAccount, ResumeMarket
from cryptex.protocol.durations import duration_ns
from cryptex.protocol.problems import Refusal
from cryptex.protocol.terms import FEE_ACCOUNT, OUTSIDE_ACCOUNT
from cryptex.sim.agents.base import GroupSettings, Place
from cryptex.sim.bot import Bot
from cryptex.sim.clock import WORLD, VirtualClock
from cryptex.sim.context import Context
from cryptex.sim.local_port import LocalPort
from cryptex.sim.randomness import stream
from cryptex.sim.scenario import EventKind, Scenario, TimedEvent, wrong
from cryptex.sim.venue import Venue
from cryptex.sim.world import World

_NANOSECONDS_PER_MS: Final = 1_000_000


class Simulation:
    """A scenario, its market and its agents. `accounts`: their ids by name, in the order in which they were opened."""

    def __init__(self, scenario: Scenario, seed: int, clock: VirtualClock) -> None:
        """Raises Refusal(invalid_scenario) where a group needs a file that is not there, or is wrong."""
        self.scenario = scenario
        self.seed = seed
        self.clock = clock
        settings = scenario.market
        market = settings.define()
        self.start_ticks = market.price_ticks(settings.price)
        self.typical_lots = market.size_lots(settings.typical_size)
        self.venue = Venue(clock, _setup(scenario), market.symbol, self.start_ticks)
        self.world = World(
            self.venue,
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
            clock.call_at(duration_ns(event.at), self._happen, event, WORLD)

    def starting_units(self, name: str) -> dict[str, int]:
        """Return what an account was given, in atomic units by asset."""
        group = self.scenario.members[name.rpartition("-")[0]]
        return {grant.asset: grant.units for grant in self._grants(group)}

    def gained_units(self, name: str, asset: str) -> int:
        """Return what an account has of an asset less what it was given, in atomic units."""
        available, held = self.venue.exchange.balance(self.accounts[name], asset)
        return available + held - self.starting_units(name).get(asset, 0)

    def contexts(self, group: str) -> list[Context]:
        """Return the agents of a group that have come so far, those that went included."""
        return self._contexts[group]

    @property
    def state_hash(self) -> str:
        """The hash of the engine's state."""
        return state_hash(self.venue.exchange)

    @property
    def rejected(self) -> int:
        """Orders that the exchange rejected."""
        return sum(context.rejected for contexts in self._contexts.values() for context in contexts)

    def named_accounts(self) -> dict[str, int]:
        """Return every account's id by name, fees and the outside world included."""
        return {**self.accounts, "fees": FEE_ACCOUNT, "outside": OUTSIDE_ACCOUNT}

    def _maker(self, name: str, group: GroupSettings) -> Callable[[Place], Bot]:
        try:
            return group.maker(self.world)
        except Refusal as refusal:
            field = f"groups.{name}.{refusal.details['field']}"
            raise wrong(field, f"{field}: {refusal.message}") from refusal.__cause__

    def _schedule_group(self, name: str, group: GroupSettings) -> None:
        self._contexts[name] = []
        start_ns = duration_ns(group.start)
        self.clock.call_at(start_ns, self._add, (name, group.agents(self.world)), WORLD)
        if group.stop:
            self.clock.call_at(duration_ns(group.stop), self._remove, (name, 0), WORLD)

    def _add(self, what: tuple[str, int]) -> None:
        name, count = what
        group, contexts = self.scenario.members[name], self._contexts[name]
        begin = len(contexts)
        for index in range(begin, begin + count):
            contexts.append(self._join(name, group, index))
        for context in contexts[begin:]:
            context.start()

    def _remove(self, what: tuple[str, int]) -> None:
        """Let the youngest `count` of a group that still trade end; 0 means all."""
        name, count = what
        trading = [context for context in self._contexts[name] if not context.stopped]
        for context in trading[-count:] if count else trading:
            context.stop()

    def _join(self, name: str, group: GroupSettings, index: int) -> Context:
        account, scenario = f"{name}-{index}", self.scenario
        account_id = self.venue.open_account(OpenAccount(account, self._grants(group), bot=True))
        self.accounts[account] = account_id
        bot = self._makers[name](Place(name, index))
        port = LocalPort(self.venue, account_id, int(group.latency_ms * _NANOSECONDS_PER_MS))
        streams: Callable[[str], Random] = partial(stream, self.seed, scenario.draws or scenario.name, name, index)
        context = Context(bot, port, streams, self.typical_lots)
        self.venue.attach(port, context, bot)
        return context

    def _grants(self, group: GroupSettings) -> tuple[Grant, ...]:
        market = self.venue.market
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
                self.venue.apply(HaltMarket(self.venue.symbol, duration_ns(event.duration) if event.duration else 0))
            case EventKind.RESUME:
                self.venue.apply(ResumeMarket(self.venue.symbol))
            case EventKind.ADD:
                self._add((event.group, event.count))
            case EventKind.REMOVE:
                self._remove((event.group, event.count))


def _setup(scenario: Scenario) -> list[Command]:
    market = scenario.market
    return [
        DefineAsset(market.base, market.base, market.decimals),
        DefineAsset(market.quote, market.quote, market.decimals),
        DefineMarket(
            market.base,
            market.quote,
            market.tick_size,
            market.lot_size,
            market.min_notional,
            market.maker_fee,
            market.taker_fee,
            halt_move=market.halt_move,
            halt_window=market.halt_window,
            halt_duration=market.halt_duration,
            auction_duration=market.auction_duration,
        ),
    ]
