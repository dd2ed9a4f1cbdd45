"""A scenario made to fit a node's market: where its price begins, and how much a typical size is there."""

from fractions import Fraction
from typing import Final

import msgspec

from cryptex.node.settings import Settings
from cryptex.protocol.amounts import POWERS_OF_TEN, SCALE
from cryptex.protocol.market import Market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT
from cryptex.sim.agents.auction_trader import AuctionSettings
from cryptex.sim.agents.replay import ReplaySettings
from cryptex.sim.scenario import MarketSettings, Scenario

WORTH_USD: Final = {
    "ADA": "0.5",
    "BNB": "600",
    "BTC": "60000",
    "DOGE": "0.15",
    "DOT": "6",
    "ETH": "3000",
    "EUR": "1.1",
    "LTC": "80",
    "SOL": "150",
    "USD": "1",
    "USDC": "1",
    "USDT": "1",
    "XRP": "0.6",
}
"""About what assets are worth, so that markets between any two of them begin at a price that people know."""

WORTH_USD_ELSE: Final = "100"
"""What an asset is worth that is not among those: a `reference_price` in the node's settings knows better."""

LEAST_NOTIONALS: Final = 2
"""A typical size is at least so many times the market's least notional, so that a falling price leaves it valid."""

TYPICAL_PARTS_MIN: Final = 10_000
"""A typical size is at most one part in so many of what the exchange can count: a thousand traders hold many of it."""

_NOT_LIVE: Final = {
    AuctionSettings: "is an experiment with induced values",
    ReplaySettings: "plays a tape with prices of its own",
}


def check_live(scenario: Scenario) -> None:
    """Raise Refusal(scenario_not_live) where a scenario makes no sense on a node."""
    for group in scenario.members.values():
        for kind, why in _NOT_LIVE.items():
            if isinstance(group, kind):
                raise Refusal(Code.SCENARIO_NOT_LIVE, f"{scenario.name} {why}", scenario=scenario.name)


def with_breaker(settings: Settings, scenario: Scenario) -> Settings:
    """Return a node's settings with the scenario's circuit breaker in the markets that have none of their own."""
    wanted = scenario.market
    if wanted.halt_move is None:
        return settings
    markets = tuple(
        msgspec.structs.replace(
            market,
            halt_move=wanted.halt_move,
            halt_window=wanted.halt_window,
            halt_duration=wanted.halt_duration,
            auction_duration=market.auction_duration or wanted.auction_duration,
        )
        if market.halt_move is None
        else market
        for market in settings.markets
    )
    return msgspec.structs.replace(settings, markets=markets)


def fitted(scenario: Scenario, market: Market, last_ticks: int | None) -> Scenario:
    """Return the scenario for a market; its price goes on at `last_ticks`, where there has been a trade.

    Everything else in a scenario is relative, so it holds at any price, tick and lot. Each market has its own chance.
    """
    own = _symbol(scenario) == market.symbol
    start_ticks = last_ticks or market.reference_price_ticks or _ticks(market, _price(scenario, market, own=own))
    settings = MarketSettings(
        base=market.base.symbol,
        quote=market.quote.symbol,
        price=market.price_text(start_ticks),
        typical_size=market.size_text(_typical_lots(scenario, market, start_ticks)),
    )
    draws = scenario.draws or scenario.name
    return msgspec.structs.replace(scenario, market=settings, draws=draws if own else f"{draws}:{market.symbol}")


def _symbol(scenario: Scenario) -> str:
    return f"{scenario.market.base}-{scenario.market.quote}"


def _worth(symbol: str) -> Fraction:
    return Fraction(WORTH_USD.get(symbol, WORTH_USD_ELSE))


def _price(scenario: Scenario, market: Market, *, own: bool) -> Fraction:
    if own:
        return Fraction(scenario.market.price)
    return _worth(market.base.symbol) / _worth(market.quote.symbol)


def _ticks(market: Market, price: Fraction) -> int:
    """Return the price in ticks, at least one."""
    return max(1, round(price * SCALE / market.tick_e8))


def _typical_lots(scenario: Scenario, market: Market, start_ticks: int) -> int:
    """Return the lots that are worth as much as the scenario's typical size, at least what the market lets trade."""
    wanted = scenario.market
    notional = Fraction(wanted.typical_size) * Fraction(wanted.price) * _worth(wanted.quote)
    wanted_units = notional / _worth(market.quote.symbol) * POWERS_OF_TEN[market.quote.decimals]
    lot_units = start_ticks * market.notional_units
    least_lots = -(-LEAST_NOTIONALS * market.min_notional_units // lot_units)
    most_lots = AMOUNT_LIMIT // TYPICAL_PARTS_MIN // market.lot_units
    return max(1, min(max(least_lots, round(wanted_units / lot_units)), most_lots))
