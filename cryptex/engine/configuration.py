"""Assets, markets and limits: configuration that enters only through the log."""

import msgspec

from cryptex.engine.accounts import Accounts
from cryptex.engine.admission import Reason
from cryptex.engine.book import Level
from cryptex.engine.live_market import LiveMarket
from cryptex.protocol.commands import DefineAsset, DefineMarket, SetLimit
from cryptex.protocol.events import AssetDefined, LimitSet, MarketDefined
from cryptex.protocol.market import Asset, Market, define_asset, define_market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import EngineLimit


class Configuration:
    """What is traded, and within which limits."""

    def __init__(
        self,
        markets: dict[str, LiveMarket],
        limits: dict[EngineLimit, int],
        accounts: Accounts,
        changed: list[Level],
    ) -> None:
        self.assets: dict[str, Asset] = {}
        self.markets = markets
        self.limits = limits
        self.accounts = accounts
        self.changed = changed

    def define_asset(self, command: DefineAsset) -> AssetDefined | Reason:
        """Add an asset or rename it. Its decimals never change: every balance is counted in them."""
        known = self.assets.get(command.symbol)
        if known is not None and known.decimals != command.decimals:
            message = f"decimals of {command.symbol} cannot change from {known.decimals} to {command.decimals}"
            return Reason(Code.INVALID_REQUEST, message, {"field": f"{command.symbol}.decimals"})
        try:
            asset = define_asset(command.symbol, command.name, command.decimals)
        except Refusal as refusal:
            return Reason(refusal.code, refusal.message, refusal.details)
        self.assets[asset.symbol] = asset
        for market in self.markets.values():
            base, quote = market.definition.base.symbol, market.definition.quote.symbol
            if asset.symbol in (base, quote):
                renamed = msgspec.structs.replace(market.definition, base=self.assets[base], quote=self.assets[quote])
                market.define(renamed)
        return AssetDefined(asset)

    def define_market(self, command: DefineMarket) -> MarketDefined | Reason:
        """Add a market or change it. Its steps change only while it has no orders."""
        base, quote = self.assets.get(command.base), self.assets.get(command.quote)
        if base is None or quote is None:
            missing = command.base if base is None else command.quote
            return Reason(Code.UNKNOWN_ASSET, f"there is no asset {missing}", {"asset": missing})
        try:
            definition = define_market(
                base,
                quote,
                tick_size=command.tick_size,
                lot_size=command.lot_size,
                min_notional=command.min_notional,
                maker_fee=command.maker_fee,
                taker_fee=command.taker_fee,
                price_band=command.price_band,
                reference_price=command.reference_price,
                halt_move=command.halt_move,
                halt_window=command.halt_window,
                halt_duration=command.halt_duration,
                auction_duration=command.auction_duration,
            )
        except Refusal as refusal:
            return Reason(refusal.code, refusal.message, refusal.details)
        market = self.markets.get(definition.symbol)
        if market is None:
            self.markets[definition.symbol] = LiveMarket(definition, self.accounts, self.changed)
            return MarketDefined(definition)
        return self._redefine(market, definition)

    def set_limit(self, command: SetLimit) -> LimitSet:
        """Set a limit; 0 means none."""
        self.limits[command.name] = command.value
        return LimitSet(command.name, command.value)

    def _redefine(self, market: LiveMarket, definition: Market) -> MarketDefined | Reason:
        old = market.definition
        changed = [
            name
            for name, before, after in (
                ("tick_size", old.tick_e8, definition.tick_e8),
                ("lot_size", old.lot_e8, definition.lot_e8),
            )
            if before != after
        ]
        definition = msgspec.structs.replace(definition, state=market.state)
        if changed and market.open_orders:
            message = f"{changed[0]} of {market.symbol} cannot change while orders are open"
            return Reason(
                Code.INVALID_REQUEST,
                message,
                {"field": f"{market.symbol}.{changed[0]}"},
            )
        market.define(definition)
        if changed:
            market.forget_prices()
        return MarketDefined(definition, steps_changed=bool(changed))
