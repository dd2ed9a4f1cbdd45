"""What everybody may see: markets, tickers, books and trades."""

from decimal import Decimal
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.table import Cell, Column, Row, Style, Value, number, side_cell
from cryptex.client.caller import market_path
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT
from cryptex.protocol.views import (
    BookView,
    LevelView,
    MarketList,
    TickerList,
    TickerView,
    TradeList,
)

MarketArgument = Annotated[str, typer.Argument(metavar="MARKET", help="Such as BTC-USDT.", show_default=False)]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many.")]
BeforeOption = Annotated[
    int | None, typer.Option("--before", metavar="ID", help="Older than this: the last page's next.")
]

_MARKET_COLUMNS: Final = (
    Column("MARKET"),
    number("TICK SIZE"),
    number("LOT SIZE"),
    number("MIN NOTIONAL"),
    number("MAKER FEE"),
    number("TAKER FEE"),
    number("PRICE BAND"),
    Column("STATE"),
)
_TICKER_COLUMNS: Final = (
    Column("MARKET"),
    number("LAST"),
    number("CHANGE"),
    number("CHANGE %"),
    number("HIGH"),
    number("LOW"),
    number("VOLUME"),
    number("QUOTE VOLUME"),
    number("BEST BID"),
    number("BEST ASK"),
)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "markets", example="cryptex markets")(markets)
    command(app, "ticker", example="cryptex ticker BTC-USDT -o json")(ticker)
    command(app, "book", example="cryptex book BTC-USDT --depth 5")(book)
    command(app, "trades", example="cryptex trades BTC-USDT --limit 10")(trades)


def markets(run: Run) -> None:
    """List the markets: their steps, fees and state."""
    answer = run.door().read("/markets", MarketList)

    def draw() -> str:
        rows = [
            (
                each.market,
                each.tick_size,
                each.lot_size,
                each.min_notional,
                each.maker_fee,
                each.taker_fee,
                each.price_band,
                each.state.value,
            )
            for each in answer.view.markets
        ]
        return run.out.table(_MARKET_COLUMNS, rows)

    run.out.answer(answer.data, draw)


def ticker(
    run: Run, market: Annotated[str | None, typer.Argument(metavar="[MARKET]", show_default=False)] = None
) -> None:
    """Show best prices and the last 24 hours.

    Of one market, or without MARKET of all.
    """
    if market is None:
        all_tickers = run.door().read("/market_data", TickerList)
        run.out.answer(all_tickers.data, lambda: run.out.table(_TICKER_COLUMNS, _ticker_rows(all_tickers.view.tickers)))
        return
    one = run.door().read(market_path(market, "ticker"), TickerView)
    run.out.answer(one.data, lambda: run.out.table(_TICKER_COLUMNS, _ticker_rows([one.view])))


def _ticker_rows(tickers: list[TickerView]) -> list[Row]:
    return [
        (
            each.market,
            each.last,
            _signed(each.change),
            _signed(each.change_percent),
            each.high,
            each.low,
            each.volume,
            each.quote_volume,
            each.best_bid,
            each.best_ask,
        )
        for each in tickers
    ]


def _signed(change: str | None) -> Value:
    if change is None:
        return None
    if change.startswith("-"):
        return Cell(change, Style.SELL)
    return Cell(change, Style.BUY if change.strip("0.") else Style.PLAIN)


def book(
    run: Run,
    market: MarketArgument,
    depth: Annotated[
        int, typer.Option("--depth", min=1, metavar="N", help="Levels of each side.")
    ] = BOOK_DEPTH_DEFAULT,
) -> None:
    """Show the best bids and asks of a market.

    TOTAL is the size that stands from the best level to this one.
    """
    answer = run.door().read(market_path(market, "book"), BookView, {"depth": depth})

    def draw() -> str:
        asks = _level_rows("ask", Style.SELL, answer.view.asks)
        bids = _level_rows("bid", Style.BUY, answer.view.bids)
        return run.out.table((Column("SIDE"), number("PRICE"), number("SIZE"), number("TOTAL")), [*asks[::-1], *bids])

    run.out.answer(answer.data, draw)


def _level_rows(side: str, style: Style, levels: list[LevelView]) -> list[Row]:
    rows: list[Row] = []
    total = Decimal(0)
    for price, size in levels:
        total += Decimal(size)
        rows.append((Cell(side, style), Cell(price, style), size, format(total, "f")))
    return rows


def trades(run: Run, market: MarketArgument, limit: LimitOption = None, before: BeforeOption = None) -> None:
    """List a market's trades, newest first.

    SIDE is the taker's.
    """
    answer = run.door().read(market_path(market, "trades"), TradeList, {"limit": limit, "before": before})

    def draw() -> str:
        columns = (number("ID"), Column("TIME"), Column("SIDE"), number("PRICE"), number("SIZE"))
        rows = [(each.id, each.time, side_cell(each.side.value), each.price, each.size) for each in answer.view.trades]
        return run.out.table(columns, rows)

    run.out.answer(answer.data, draw)
    tell_next(run, answer.view.next if not run.out.is_json else None)


def tell_next(run: Run, following: int | None) -> None:
    """Say how to see the next page, where there is one."""
    if following is not None:
        run.out.note(f"There is more: --before {following}")
