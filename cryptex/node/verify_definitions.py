"""Assets, and markets' definitions with the numbers that history gives them, followed a second time."""

from cryptex.node.verify_rows import ASSETS, MARKETS, Stored
from cryptex.protocol.events import AssetDefined, MarketDefined
from cryptex.store.rows import asset_row, market_row


class DefinitionCheck:
    """Follows definitions; other steps of a market are a definition of their own, with the next number."""

    def __init__(self) -> None:
        self.assets: dict[str, Stored] = {}
        self.markets: dict[int, Stored] = {}
        self.market_ids: dict[str, int] = {}
        """The latest of each market."""

    def define(self, event: AssetDefined | MarketDefined) -> None:
        """Take a definition over."""
        if isinstance(event, AssetDefined):
            self.assets[event.asset.symbol] = ASSETS.values(asset_row(event.asset))
            return
        symbol = event.market.symbol
        if event.steps_changed or symbol not in self.market_ids:
            self.market_ids[symbol] = len(self.markets) + 1
        market_id = self.market_ids[symbol]
        self.markets[market_id] = MARKETS.values(market_row(event.market, market_id))
