"""A bot on a node: what it needs to know of its market, and its run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from cryptex.protocol.market import Asset, Market, define_market, market_symbol
from cryptex.protocol.problems import Code, Refusal
from cryptex.sim.context import Context
from cryptex.sim.randomness import stream
from cryptex.sim.socket_book import Steps
from cryptex.sim.socket_port import SocketPort

if TYPE_CHECKING:
    from cryptex.client.exchange import Exchange
    from cryptex.sim.bot import Bot

TYPICAL_NOTIONALS: Final = 100
"""A typical size, where none is given, in least notionals of the market."""

LIVE: Final = "live"


async def join(
    exchange: Exchange,
    market: str,
    bot: Bot,
    *,
    seed: int,
    key: str,
    wall: Callable[[], datetime],
    typical_size: str | None = None,
) -> tuple[SocketPort, Context]:
    """Return a port and a context for a bot on a market of a node. Raises Refusal, or what the SDK raises."""
    definition = await _definition(exchange, market_symbol(market))
    ticker = await exchange.ticker(definition.symbol)
    price = ticker.last or ticker.best_bid or ticker.best_ask
    start_ticks = Steps(definition).ticks(price) if price else 1
    if typical_size is not None:
        typical_lots = definition.size_lots(typical_size, "typical_size")
    else:
        lot_units = start_ticks * definition.notional_units
        typical_lots = max(1, TYPICAL_NOTIONALS * definition.min_notional_units // lot_units)
    port = SocketPort(exchange, definition, start_ticks, key, wall)
    return port, Context(bot, port, partial(stream, seed, LIVE, type(bot).__name__, 0), typical_lots)


async def _definition(exchange: Exchange, symbol: str) -> Market:
    assets = {each.symbol: Asset(each.symbol, each.name, each.decimals) for each in await exchange.assets()}
    for each in await exchange.markets():
        if each.market == symbol:
            return define_market(
                assets[each.base],
                assets[each.quote],
                tick_size=format(each.tick_size, "f"),
                lot_size=format(each.lot_size, "f"),
                min_notional=format(each.min_notional, "f"),
                maker_fee=format(each.maker_fee, "f"),
                taker_fee=format(each.taker_fee, "f"),
                price_band=None,
                reference_price=None,
            )
    raise Refusal(Code.UNKNOWN_MARKET, f"there is no market {symbol}", market=symbol)
