"""Public data as tables and sheets."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from cryptex.cli.output import Output
from cryptex.cli.sheets import Record, Sheet, sheet_of
from cryptex.cli.table import Cell, Column, Row, Style, Value, number, side_cell
from cryptex.protocol.terms import MarketState
from cryptex.protocol.views import BookView, CandleView, LevelView, MarketView, TickerView, TradeView

MARKETS_SHEET: Final = sheet_of(MarketView, "markets")
TICKER_SHEET: Final = sheet_of(TickerView)
TICKERS_SHEET: Final = sheet_of(TickerView, "tickers")
TRADES_SHEET: Final = sheet_of(TradeView, "trades")
CANDLES_SHEET: Final = sheet_of(CandleView, "candles")

_MARKET_COLUMNS: Final = (
    Column("MARKET"),
    number("TICK SIZE"),
    number("LOT SIZE"),
    number("MIN NOTIONAL", spare=1),
    number("MAKER FEE"),
    number("TAKER FEE"),
    number("PRICE BAND", spare=2),
    Column("STATE"),
)
_TICKER_COLUMNS: Final = (
    Column("MARKET"),
    number("LAST"),
    number("CHANGE", spare=4),
    number("CHANGE %"),
    number("HIGH", spare=2),
    number("LOW", spare=1),
    number("VOLUME", spare=3),
    number("QUOTE VOLUME", spare=5),
    number("BEST BID"),
    number("BEST ASK"),
    Column("STATE"),
)
_BOOK_COLUMNS: Final = (Column("SIDE"), number("PRICE"), number("SIZE"), number("TOTAL"))
_TRADE_COLUMNS: Final = (number("ID"), Column("TIME"), Column("SIDE"), number("PRICE"), number("SIZE"))
_CANDLE_COLUMNS: Final = (
    Column("TIME"),
    number("OPEN"),
    number("HIGH"),
    number("LOW"),
    number("CLOSE"),
    number("VOLUME"),
    number("TRADES", spare=1),
)


def markets_table(out: Output, markets: Sequence[MarketView]) -> str:
    """Return markets as a table."""
    rows: list[Row] = [
        (
            each.market,
            each.tick_size,
            each.lot_size,
            each.min_notional,
            each.maker_fee,
            each.taker_fee,
            each.price_band,
            _state(each.state),
        )
        for each in markets
    ]
    return out.table(_MARKET_COLUMNS, rows)


def tickers_table(out: Output, tickers: Sequence[TickerView]) -> str:
    """Return tickers as a table."""
    rows: list[Row] = [
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
            _state(each.state),
        )
        for each in tickers
    ]
    return out.table(_TICKER_COLUMNS, rows)


def book_table(out: Output, book: BookView) -> str:
    """Return a book as a table: asks above bids, the best of both in the middle."""
    asks = _level_rows("ask", Style.SELL, book.asks)
    bids = _level_rows("bid", Style.BUY, book.bids)
    return out.table(_BOOK_COLUMNS, [*asks[::-1], *bids])


def trades_table(out: Output, trades: Sequence[TradeView]) -> str:
    """Return trades as a table."""
    rows = [(each.id, each.time, side_cell(each.side.value), each.price, each.size) for each in trades]
    return out.table(_TRADE_COLUMNS, rows)


def candles_table(out: Output, candles: Sequence[CandleView]) -> str:
    """Return candles as a table."""
    rows = [(each.time, each.open, each.high, each.low, each.close, each.volume, each.trades) for each in candles]
    return out.table(_CANDLE_COLUMNS, rows)


def _flat_book(book: Record) -> Iterator[Record]:
    """Yield a row a level: bids, then asks, each best first."""
    for side, name in (("bid", "bids"), ("ask", "asks")):
        levels = book[name]
        for price, size in levels if isinstance(levels, list) else ():
            yield {**book, "side": side, "price": price, "size": size}


BOOK_SHEET: Final = Sheet(("market", "sequence", "time", "side", "price", "size"), flatten=_flat_book)


def _signed(change: str | None) -> Value:
    if change is None:
        return None
    if change.startswith("-"):
        return Cell(change, Style.SELL)
    return Cell(change, Style.BUY if change.strip("0.") else Style.PLAIN)


def _state(state: MarketState) -> Cell:
    return Cell(state.value, Style.PLAIN if state is MarketState.OPEN else Style.SELL)


def _level_rows(side: str, style: Style, levels: list[LevelView]) -> list[Row]:
    rows: list[Row] = []
    total = Decimal(0)
    for price, size in levels:
        total += Decimal(size)
        rows.append((Cell(side, style), Cell(price, style), size, format(total, "f")))
    return rows
