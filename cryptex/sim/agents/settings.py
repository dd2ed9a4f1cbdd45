"""All kinds of agents, as scenario files name them."""

from typing import Final

from cryptex.sim.agents.base import GroupSettings
from cryptex.sim.agents.liquidity import LiquiditySettings
from cryptex.sim.agents.market_maker import MarketMakerSettings
from cryptex.sim.agents.metaorder import MetaorderSettings
from cryptex.sim.agents.momentum import MomentumSettings
from cryptex.sim.agents.noise import NoiseSettings
from cryptex.sim.agents.value import ValueSettings

KINDS: Final[dict[str, type[GroupSettings]]] = {
    "liquidity": LiquiditySettings,
    "market-maker": MarketMakerSettings,
    "metaorder": MetaorderSettings,
    "momentum": MomentumSettings,
    "noise": NoiseSettings,
    "value": ValueSettings,
}
"""By the word for `agent`."""
