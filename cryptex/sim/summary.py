"""What a run says of itself when it has ended: the contents of run.json."""

from collections.abc import Iterator
from typing import Final

import msgspec

from cryptex import __version__
from cryptex.protocol.market import Asset
from cryptex.sim.agents.own import OwnSettings
from cryptex.sim.context import Context
from cryptex.sim.induced import Session, SessionSummary
from cryptex.sim.recording import seconds_text
from cryptex.sim.simulation import Simulation

_PERCENT_DECIMALS: Final = 2


class BotSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one bot of one's own. `position` is of the base asset; `fees` and `profit` of the quote asset.

    `profit` is what its balances have gained, fees paid, with the base asset at the last price.
    """

    account: str
    fills: int
    rejected: int
    open_orders: int
    position: str
    fees: str
    profit: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run: the contents of run.json. Times are seconds, prices decimal text."""

    scenario: str
    seed: int
    version: str
    duration: str
    state_hash: str
    market: str
    tick_size: str
    lot_size: str
    commands: int
    trades: int
    rejected: int
    first_price: str
    last_price: str
    sessions: tuple[SessionSummary, ...] = ()
    bots: tuple[BotSummary, ...] = ()


def summary_of(simulation: Simulation) -> Summary:
    """Return what became of a run."""
    venue, scenario = simulation.venue, simulation.scenario
    market = venue.market
    return Summary(
        scenario=scenario.name,
        seed=simulation.seed,
        version=__version__,
        duration=seconds_text(scenario.duration_ns),
        state_hash=simulation.state_hash,
        market=venue.symbol,
        tick_size=market.tick_size_text,
        lot_size=market.lot_size_text,
        commands=venue.commands,
        trades=venue.trades,
        rejected=simulation.rejected,
        first_price=market.price_text(simulation.start_ticks),
        last_price=market.price_text(_last_ticks(simulation)),
        sessions=tuple(_session_summary(simulation, session) for session in simulation.world.sessions.values()),
        bots=tuple(_bot_summaries(simulation)),
    )


def _last_ticks(simulation: Simulation) -> int:
    venue = simulation.venue
    last_ticks = venue.exchange.last_price_ticks(venue.symbol)
    return simulation.start_ticks if last_ticks is None else last_ticks


def _session_summary(simulation: Simulation, session: Session) -> SessionSummary:
    alphas = session.alphas()
    return SessionSummary(
        group=session.group,
        agent=str(simulation.scenario.members[session.group].__struct_config__.tag),
        periods=len(session.periods),
        shouts_least=min((session.shouts.get(period, 0) for period in session.periods), default=0),
        efficiency=round(session.efficiency(), _PERCENT_DECIMALS),
        paper_efficiency=session.paper_efficiency,
        alpha_first=round(alphas[0], _PERCENT_DECIMALS) if alphas else None,
        alpha_last=round(alphas[-1], _PERCENT_DECIMALS) if alphas else None,
    )


def _bot_summaries(simulation: Simulation) -> Iterator[BotSummary]:
    """Yield a summary of each bot of the groups that are one's own."""
    for name, group in simulation.scenario.members.items():
        if isinstance(group, OwnSettings):
            for index, context in enumerate(simulation.contexts(name)):
                yield _bot_summary(simulation, f"{name}-{index}", context)


def _bot_summary(simulation: Simulation, account: str, context: Context) -> BotSummary:
    market, last_ticks = context.market, _last_ticks(simulation)
    base_units, quote_units = (simulation.gained_units(account, asset.symbol) for asset in (market.base, market.quote))
    lot_worth_units = last_ticks * market.notional_units
    return BotSummary(
        account=account,
        fills=context.fills,
        rejected=context.rejected,
        open_orders=len(context.orders),
        position=_signed(market.base, base_units),
        fees=market.quote.text(context.quote_fee_units + context.base_fee_units * lot_worth_units // market.lot_units),
        profit=_signed(market.quote, quote_units + base_units * lot_worth_units // market.lot_units),
    )


def _signed(asset: Asset, units: int) -> str:
    return f"{'-' if units < 0 else ''}{asset.text(abs(units))}"
