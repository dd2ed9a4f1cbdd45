"""All kinds of agents, as scenario files name them."""

from typing import Final

from cryptex.sim.agents.base import GroupSettings
from cryptex.sim.agents.imbalance import ImbalanceSettings
from cryptex.sim.agents.liquidity import LiquiditySettings
from cryptex.sim.agents.market_maker import MarketMakerSettings
from cryptex.sim.agents.metaorder import MetaorderSettings
from cryptex.sim.agents.momentum import MomentumSettings
from cryptex.sim.agents.noise import NoiseSettings
from cryptex.sim.agents.own import BOT, OwnSettings
from cryptex.sim.agents.pov import PovSettings
from cryptex.sim.agents.replay import ReplaySettings
from cryptex.sim.agents.spoofer import SpooferSettings
from cryptex.sim.agents.twap import TwapSettings
from cryptex.sim.agents.value import ValueSettings
from cryptex.sim.agents.vwap import VwapSettings
from cryptex.sim.agents.whale import WhaleSettings
from cryptex.sim.agents.zero_intelligence import ConstrainedSettings, UnconstrainedSettings
from cryptex.sim.agents.zip_trader import ZipSettings

KINDS: Final[dict[str, type[GroupSettings]]] = {
    BOT: OwnSettings,
    "imbalance": ImbalanceSettings,
    "liquidity": LiquiditySettings,
    "market-maker": MarketMakerSettings,
    "metaorder": MetaorderSettings,
    "momentum": MomentumSettings,
    "noise": NoiseSettings,
    "pov": PovSettings,
    "replay": ReplaySettings,
    "spoofer": SpooferSettings,
    "twap": TwapSettings,
    "value": ValueSettings,
    "vwap": VwapSettings,
    "whale": WhaleSettings,
    "zi-c": ConstrainedSettings,
    "zi-u": UnconstrainedSettings,
    "zip": ZipSettings,
}
"""By the word for `agent`."""
