"""The REST operations that need no token: market data and the node itself."""

from typing import Final

from cryptex.node.operation import LIMIT, MARKET_SCHEMA, PAGE, Operation, Parameter
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT, BOOK_DEPTHS
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import (
    AssetList,
    BookView,
    CandleList,
    HealthView,
    MarketDataView,
    MarketList,
    RootView,
    TickerList,
    TickerView,
    TradeList,
)

HTML: Final = "text/html; charset=utf-8"
METRICS: Final = "text/plain; version=1.0.0; charset=utf-8"

_DEPTH: Final = Parameter(
    "depth",
    "levels a side",
    {"type": "integer", "minimum": 1, "maximum": BOOK_DEPTHS[-1], "default": BOOK_DEPTH_DEFAULT},
)

_MARKET_DATA: Final = (
    Operation(
        method="GET",
        path="/markets",
        name="listMarkets",
        tag="market data",
        what="List all markets with their filters and fees.",
        answers={200: (MarketList,)},
    ),
    Operation(
        method="GET",
        path="/assets",
        name="listAssets",
        tag="market data",
        what="List all assets.",
        answers={200: (AssetList,)},
    ),
    Operation(
        method="GET",
        path="/market_data",
        name="marketData",
        tag="market data",
        what="Return ticker and book of one market; without a market, the tickers of all.",
        query=(
            Parameter("market", "a market", MARKET_SCHEMA),
            Parameter(
                "cryptocurrency",
                "instead of `market`: an asset, in its market against the default quote",
                {"type": "string", "minLength": 1, "maxLength": 20, "examples": ["BTC"]},
            ),
            _DEPTH,
        ),
        answers={200: (MarketDataView, TickerList)},
        codes=(Code.UNKNOWN_MARKET, Code.UNKNOWN_ASSET),
    ),
    Operation(
        method="GET",
        path="/markets/{market}/book",
        name="book",
        tag="market data",
        what="Return the best levels of a book.",
        query=(_DEPTH,),
        answers={200: (BookView,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
    Operation(
        method="GET",
        path="/markets/{market}/trades",
        name="listTrades",
        tag="market data",
        what="List trades, newest first.",
        query=PAGE,
        answers={200: (TradeList,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
    Operation(
        method="GET",
        path="/markets/{market}/candles",
        name="listCandles",
        tag="market data",
        what="List candles, newest first. Intervals without trades are left out.",
        query=(
            Parameter("interval", "the length of a candle", {"enum": [*Interval], "default": Interval.M1}),
            LIMIT,
            Parameter("before", "the `next` of the page before", {"type": "string", "format": "date-time"}),
        ),
        answers={200: (CandleList,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
    Operation(
        method="GET",
        path="/markets/{market}/ticker",
        name="ticker",
        tag="market data",
        what="Return the last 24 hours of a market and its best prices.",
        answers={200: (TickerView,)},
        codes=(Code.UNKNOWN_MARKET,),
    ),
)

_NODE: Final = (
    Operation(
        method="GET",
        path="/",
        name="root",
        tag="node",
        what="Say where to read on; a browser is sent to the docs.",
        answers={200: (RootView,), 303: ()},
    ),
    Operation(
        method="GET",
        path="/health/live",
        name="live",
        tag="node",
        what="Say that the node is up.",
        answers={200: (HealthView,)},
    ),
    Operation(
        method="GET",
        path="/health/ready",
        name="ready",
        tag="node",
        what="Say that the node takes commands; 503 where it does not.",
        answers={200: (HealthView,)},
    ),
    Operation(
        method="GET",
        path="/metrics",
        name="metrics",
        tag="node",
        what="Return counters and gauges in the text format of Prometheus.",
        answers={200: (str,)},
        media_type=METRICS,
    ),
    Operation(
        method="GET",
        path="/openapi.json",
        name="openapi",
        tag="node",
        what="Return this document.",
        answers={200: (dict,)},
    ),
    Operation(
        method="GET",
        path="/asyncapi.json",
        name="asyncapi",
        tag="node",
        what="Return the document of the websocket.",
        answers={200: (dict,)},
    ),
    Operation(
        method="GET",
        path="/docs",
        name="docs",
        tag="node",
        what="Return both documents as a page for people.",
        answers={200: (str,)},
        media_type=HTML,
    ),
    Operation(
        method="GET",
        path="/docs/errors",
        name="errors",
        tag="node",
        what="Return the table of problems; the `type` of a problem points into it.",
        answers={200: (str,)},
        media_type=HTML,
    ),
)

PUBLIC_OPERATIONS: Final = (*_MARKET_DATA, *_NODE)
"""In the order of the documents."""
