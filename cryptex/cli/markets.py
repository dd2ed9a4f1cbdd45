"""What everybody may see: markets, tickers, books, trades and candles."""

from collections.abc import Callable
from typing import Annotated

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.completion import complete_market, remember_markets
from cryptex.cli.faults import Fault
from cryptex.cli.market_tables import (
    BOOK_SHEET,
    CANDLES_SHEET,
    MARKETS_SHEET,
    TICKER_SHEET,
    TICKERS_SHEET,
    TRADES_SHEET,
    book_table,
    candles_table,
    markets_table,
    tickers_table,
    trades_table,
)
from cryptex.cli.output import Format
from cryptex.client.caller import Query, market_path
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT, BOOK_DEPTHS
from cryptex.protocol.terms import Interval
from cryptex.protocol.views import BookView, CandleList, MarketList, TickerList, TickerView, TradeList

MarketArgument = Annotated[
    str,
    typer.Argument(metavar="MARKET", help="Such as BTC-USDT.", show_default=False, autocompletion=complete_market),
]
MaybeMarketArgument = Annotated[
    str | None,
    typer.Argument(metavar="MARKET", help="Of this only.", show_default=False, autocompletion=complete_market),
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many.")]
BeforeOption = Annotated[
    int | None, typer.Option("--before", metavar="ID", help="Older than this: the last page's next.")
]
WatchOption = Annotated[bool, typer.Option("--watch", "-w", help="Follow it: a live table, or rows with -o ndjson.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "markets", example="cryptex markets")(markets)
    command(app, "ticker", example="cryptex ticker BTC-USDT -o json")(ticker)
    command(app, "book", example="cryptex book BTC-USDT --depth 5")(book)
    command(app, "trades", example="cryptex trades BTC-USDT --limit 10")(trades)
    command(app, "candles", example="cryptex candles BTC-USDT --interval 1h")(candles)
    command(app, "watch", example="cryptex watch BTC-USDT")(watch_market)


def markets(run: Run) -> None:
    """List the markets: their steps, fees and state."""
    answer = run.door().read("/markets", MarketList)
    run.out.answer(answer.data, MARKETS_SHEET, lambda: markets_table(run.out, answer.view.markets))
    remember_markets(run.url, [each.market for each in answer.view.markets])


def ticker(run: Run, market: MaybeMarketArgument = None, watch: WatchOption = False) -> None:
    """Show best prices, the last 24 hours and the state.

    Of one market, or without MARKET of all.
    """
    if watch:
        from cryptex.cli.watch_public import watch_tickers

        watch_tickers(run, market)
    elif market is None:
        every = run.door().read("/market_data", TickerList)
        run.out.answer(every.data, TICKERS_SHEET, lambda: tickers_table(run.out, every.view.tickers))
    else:
        one = run.door().read(market_path(market, "ticker"), TickerView)
        run.out.answer(one.data, TICKER_SHEET, lambda: tickers_table(run.out, [one.view]))


def book(
    run: Run,
    market: MarketArgument,
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=BOOK_DEPTHS[-1], metavar="N", help="Levels of each side.")
    ] = BOOK_DEPTH_DEFAULT,
    watch: WatchOption = False,
) -> None:
    """Show the best bids and asks of a market.

    TOTAL is the size that stands from the best level to this one.
    """
    if watch:
        from cryptex.cli.watch_public import watch_book

        watch_book(run, market, depth)
        return
    answer = run.door().read(market_path(market, "book"), BookView, {"depth": depth})
    run.out.listing(
        answer.data,
        BOOK_SHEET,
        lambda: [*answer.view.bids, *answer.view.asks],
        lambda _: book_table(run.out, answer.view),
        "The book is empty.",
    )


def trades(
    run: Run, market: MarketArgument, limit: LimitOption = None, before: BeforeOption = None, watch: WatchOption = False
) -> None:
    """List a market's trades, newest first.

    SIDE is the taker's.
    """
    if watch:
        from cryptex.cli.watch_public import watch_trades

        watch_trades(run, market, limit)
        return
    answer = run.door().read_list(
        market_path(market, "trades"), TradeList, "trades", {"limit": limit, "before": before}
    )
    run.out.listing(
        answer.data, TRADES_SHEET, lambda: answer.view.trades, lambda rows: trades_table(run.out, rows), "No trades."
    )
    tell_next(run, lambda: answer.view.next)


def candles(
    run: Run,
    market: MarketArgument,
    interval: Annotated[Interval, typer.Option("--interval", help="How long a candle is.")] = Interval.M1,
    limit: LimitOption = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="Older than this: the last page's next.")
    ] = None,
    watch: WatchOption = False,
) -> None:
    """List a market's candles, newest first.

    Intervals without trades are left out. TIME is when a candle begins.
    """
    if watch:
        from cryptex.cli.watch_public import watch_candles

        watch_candles(run, market, interval, limit)
        return
    query: Query = {"interval": interval.value, "limit": limit, "before": before}
    answer = run.door().read_list(market_path(market, "candles"), CandleList, "candles", query)
    run.out.listing(
        answer.data,
        CANDLES_SHEET,
        lambda: answer.view.candles,
        lambda rows: candles_table(run.out, rows),
        "No candles: nothing was traded.",
    )
    tell_next(run, lambda: answer.view.next)


def watch_market(
    run: Run,
    market: MarketArgument,
    alert: Annotated[
        list[str] | None,
        typer.Option("--alert", metavar="RULE", help='Say only when it comes true: "price>61000", fill; repeatable.'),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End at the first alert, with 0.")] = False,
) -> None:
    """Follow a market's ticker, or wait for alerts.

    Alerts compare price, bid, ask, spread, change_percent or volume with a number by >, >=, < or <=; fill is each fill
    of yours. Without any it is `cryptex ticker MARKET --watch` for short.
    """
    if alert:
        from cryptex.cli.watch_alerts import watch_alerts

        watch_alerts(run, market, alert, once=once)
        return
    if once:
        raise Fault("--once ends at the first alert, and there is none", suggestion='Give --alert "price>61000".')
    from cryptex.cli.watch_public import watch_tickers

    watch_tickers(run, market)


def tell_next(run: Run, following: Callable[[], int | str | None]) -> None:
    """Say how to see the next page, where there is one and the data does not say it itself."""
    if run.out.form is not Format.JSON and (place := following()) is not None:
        run.out.note(f"There is more: --before {place}")
