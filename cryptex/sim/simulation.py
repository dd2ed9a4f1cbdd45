"""A scenario set in motion on an exchange of its own."""

from cryptex.engine.snapshot import state_hash
from cryptex.protocol.commands import Command, DefineAsset, DefineMarket
from cryptex.protocol.terms import FEE_ACCOUNT, OUTSIDE_ACCOUNT
from cryptex.sim.cast import Cast
from cryptex.sim.clock import VirtualClock
from cryptex.sim.engine_venue import EngineVenue
from cryptex.sim.scenario import Scenario


class Simulation(Cast):
    """A scenario, its market and its agents, headless."""

    def __init__(self, scenario: Scenario, seed: int, clock: VirtualClock) -> None:
        """Raises Refusal(invalid_scenario) where a group needs a file that is not there, or is wrong."""
        market = scenario.market.define()
        self.clock = clock
        self.venue = EngineVenue(clock, _setup(scenario), market.symbol, market.price_ticks(scenario.market.price))
        super().__init__(scenario, seed, self.venue)

    def starting_units(self, name: str) -> dict[str, int]:
        """Return what an account was given, in atomic units by asset."""
        group = self.scenario.members[name.rpartition("-")[0]]
        return {grant.asset: grant.units for grant in self.grants(group)}

    def gained_units(self, name: str, asset: str) -> int:
        """Return what an account has of an asset less what it was given, in atomic units."""
        available, held = self.venue.exchange.balance(self.accounts[name], asset)
        return available + held - self.starting_units(name).get(asset, 0)

    @property
    def state_hash(self) -> str:
        """The hash of the engine's state."""
        return state_hash(self.venue.exchange)

    def named_accounts(self) -> dict[str, int]:
        """Return every account's id by name, fees and the outside world included."""
        return {**self.accounts, "fees": FEE_ACCOUNT, "outside": OUTSIDE_ACCOUNT}


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
