"""REST: what everybody may read. Memory answers what it holds; older pages come from history."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.candles import CANDLES_KEPT_MAX
from cryptex.node.http import Handler, Query, Resource, answer
from cryptex.node.market_data import TRADES_KEPT_MAX
from cryptex.node.rates import address_of
from cryptex.node.trading import Trading
from cryptex.protocol.channels import book_checksum
from cryptex.protocol.market import Market
from cryptex.protocol.problems import invalid
from cryptex.protocol.render import asset_view, levels_view, market_view
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT, BOOK_DEPTHS
from cryptex.protocol.terms import Interval
from cryptex.protocol.times import time_ns, time_text
from cryptex.protocol.views import (
    AssetList,
    BookView,
    CandleList,
    LevelView,
    MarketDataView,
    MarketList,
    TickerList,
    TickerView,
    TradeList,
)


class MarketRoutes:
    """Handlers of public market data."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._core = trading.core
        self._gateway = trading.gateway

    def routes(self) -> list[Route]:
        """Return the routes. A market's name may hold a slash, as in BTC/USDT."""
        return [
            Route("/markets", Resource(GET=self._open(self.markets))),
            Route("/assets", Resource(GET=self._open(self.assets))),
            Route("/market_data", Resource(GET=self._open(self.market_data))),
            Route("/markets/{market:path}/book", Resource(GET=self._open(self.book))),
            Route("/markets/{market:path}/trades", Resource(GET=self._open(self.trades))),
            Route("/markets/{market:path}/candles", Resource(GET=self._open(self.candles))),
            Route("/markets/{market:path}/ticker", Resource(GET=self._open(self.ticker))),
        ]

    async def markets(self, request: Request) -> Response:
        """List all markets."""
        Query(request)
        return answer(MarketList([market_view(market) for market in self._core.exchange.markets.values()]))

    async def assets(self, request: Request) -> Response:
        """List all assets."""
        Query(request)
        return answer(AssetList([asset_view(asset) for asset in self._core.exchange.assets.values()]))

    async def market_data(self, request: Request) -> Response:
        """Return ticker and book of one market, or the tickers of all."""
        query = Query(request, "market", "cryptocurrency", "depth")
        name, cryptocurrency, depth = query.text("market"), query.text("cryptocurrency"), _depth(query)
        self._weigh(request, depth)
        if name is None and cryptocurrency is None:
            return answer(TickerList([self._ticker(market) for market in self._core.exchange.markets.values()]))
        if cryptocurrency is None:
            market = self._gateway.market(name or "")
        elif name is None:
            market = self._gateway.market_of(cryptocurrency)
        else:
            raise invalid("cryptocurrency", "give either market or cryptocurrency")
        bids, asks = self._levels(market, depth)
        exchange = self._core.exchange
        time = time_text(exchange.time_ns)
        return answer(MarketDataView(market.symbol, self._ticker(market), bids, asks, exchange.sequence, time))

    async def book(self, request: Request) -> Response:
        """Return the best levels of a book."""
        market, depth = self._market(request), _depth(Query(request, "depth"))
        self._weigh(request, depth)
        bids, asks = self._levels(market, depth)
        exchange = self._core.exchange
        time, checksum = time_text(exchange.time_ns), book_checksum(bids, asks)
        view = BookView(market.symbol, self._core.epoch, exchange.sequence, time, bids, asks, checksum)
        return answer(view)

    async def ticker(self, request: Request) -> Response:
        """Return the ticker of a market."""
        market = self._market(request)
        Query(request)
        return answer(self._ticker(market))

    async def trades(self, request: Request) -> Response:
        """List trades, newest first."""
        symbol = self._market(request).symbol
        query = Query(request, "limit", "before")
        limit, before = query.limit(), query.before()
        self._weigh(request, limit)
        memory = self._core.market_data
        newest = memory.trades(symbol, limit + 1, before)
        newest.reverse()
        if len(newest) > limit:
            return answer(TradeList(newest[:limit], newest[limit - 1].id))
        if memory.trades_kept(symbol) < TRADES_KEPT_MAX and memory.from_first(symbol):
            return answer(TradeList(newest))
        await self._core.history_ready(None)
        run = self._trading.history_slots.run
        return answer(await run(self._core.history.trades, symbol, limit=limit, before=before))

    async def candles(self, request: Request) -> Response:
        """List candles, newest first."""
        symbol = self._market(request).symbol
        query = Query(request, "interval", "limit", "before")
        interval, limit, before_ns = _interval(query), query.limit(), _before_ns(query)
        self._weigh(request, limit)
        memory = self._core.market_data
        newest = memory.candles(symbol, interval, limit + 1, before_ns)
        newest.reverse()
        if len(newest) > limit:
            return answer(CandleList(newest[:limit], newest[limit - 1].time))
        kept = len(memory.candles(symbol, interval, CANDLES_KEPT_MAX))
        if kept < CANDLES_KEPT_MAX and memory.from_first(symbol):
            return answer(CandleList(newest))
        await self._core.history_ready(None)
        run = self._trading.history_slots.run
        return answer(await run(self._core.history.candles, symbol, interval, limit=limit, before_ns=before_ns))

    def _open(self, handler: Handler) -> Handler:
        """Return a handler that anybody may ask, as often as their address allows."""

        async def answered(request: Request) -> Response:
            self._gateway.rates.stranger(address_of(request.scope))
            return await handler(request)

        return answered

    def _weigh(self, request: Request, rows: int) -> None:
        """Count what a request for so many rows or levels costs beyond its first token."""
        self._gateway.rates.stranger_reads(address_of(request.scope), rows)

    def _market(self, request: Request) -> Market:
        return self._gateway.market(request.path_params["market"])

    def _levels(self, market: Market, depth: int) -> tuple[list[LevelView], list[LevelView]]:
        bids, asks = self._core.exchange.depth(market.symbol, depth)
        return levels_view(bids, market), levels_view(asks, market)

    def _ticker(self, market: Market) -> TickerView:
        exchange = self._core.exchange
        bid, ask = exchange.best(market.symbol)
        return self._core.market_data.ticker(market.symbol, bid, ask, exchange.time_ns, exchange.phase(market.symbol))


def _depth(query: Query) -> int:
    return query.integer("depth", 1, BOOK_DEPTHS[-1]) or BOOK_DEPTH_DEFAULT


def _interval(query: Query) -> Interval:
    text = query.text("interval")
    try:
        return Interval.M1 if text is None else Interval(text)
    except ValueError:
        raise invalid("interval", f"interval must be one of {', '.join(Interval)}") from None


def _before_ns(query: Query) -> int | None:
    text = query.text("before")
    try:
        return None if text is None else time_ns(text)
    except (ValueError, OverflowError):
        raise invalid("before", "before must be a time such as 2026-11-22T15:40:00Z") from None
