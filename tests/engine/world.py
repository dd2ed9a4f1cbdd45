"""A small world in which things collide: few accounts, few prices, small sizes, in several kinds of market."""

from typing import Final

from cryptex.protocol import commands as c
from cryptex.protocol.market import define_asset, define_market
from cryptex.protocol.terms import EngineLimit

MARKET: Final = "BTC-USDT"
ACCOUNTS: Final = (1, 2, 3)
PRICES: Final = (95, 105)
SIZES: Final = (1, 8)
BASE: Final = c.DefineAsset("BTC", "Bitcoin", 2)
QUOTE: Final = c.DefineAsset("USDT", "Tether", 4)

WHOLE: Final = c.DefineMarket("BTC", "USDT", "1", "1", "0", "0", "0")
WITH_FEES: Final = c.DefineMarket("BTC", "USDT", "0.5", "0.02", "1.5", "0.0013", "0.021")
WITH_BAND: Final = c.DefineMarket("BTC", "USDT", "1", "1", "150", "0.1", "0.3", "0.031", "100", auction_duration="15s")
WITH_WIDE_BAND: Final = c.DefineMarket("BTC", "USDT", "0.25", "0.01", "0", "0", "0.001", "0.045", "25")
WITH_BREAKER: Final = c.DefineMarket(
    "BTC", "USDT", "0.5", "0.02", "1.5", "0.0013", "0.021", "0.09", "50", "0.04", "60s", "9s", "20s"
)
MARKETS: Final = (WHOLE, WITH_FEES, WITH_BAND, WITH_WIDE_BAND, WITH_BREAKER)

GRANT_LOTS: Final = 30
"""What everybody has at the start, in lots of base and their worth in quote: enough for a handful of orders."""


def connection_of(account: int) -> int:
    """A connection speaks for one account."""
    return account * 10


def steps_of(market: c.DefineMarket) -> tuple[int, int]:
    """(base units in a lot, quote units in a tick times a lot)."""
    assets = [define_asset(asset.symbol, asset.name, asset.decimals) for asset in (BASE, QUOTE)]
    steps = {name: getattr(market, name) for name in market.__struct_fields__ if name not in ("base", "quote")}
    defined = define_market(*assets, **steps)
    return defined.lot_units, defined.notional_units


def opening(market: c.DefineMarket, open_orders_max: int = 8, lots: int = GRANT_LOTS) -> list[c.Command]:
    """The commands before the first order."""
    lot_units, notional_units = steps_of(market)
    grants = (c.Grant("BTC", lots * lot_units), c.Grant("USDT", lots * 100 * notional_units))
    accounts = [c.OpenAccount(f"key-{account}", grants) for account in ACCOUNTS]
    limit = c.SetLimit(EngineLimit.OPEN_ORDERS_PER_MARKET, open_orders_max)
    return [BASE, QUOTE, market, *accounts, limit, c.BeginEpoch()]
