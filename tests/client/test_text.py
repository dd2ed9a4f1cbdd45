"""What the SDK returned, as text again: digits and times as they came."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from cryptex.cli.market_tables import CANDLES_SHEET, TICKER_SHEET, TRADES_SHEET
from cryptex.cli.sheets import Sheet, csv_head, csv_rows, sheet_of
from cryptex.client import csv_row
from cryptex.client.models import Candle, Fill, Order, Ticker, Trade
from cryptex.client.text import moment_text
from cryptex.protocol.codec import encode_json
from cryptex.protocol.terms import Liquidity, MarketState, Side
from cryptex.protocol.views import CandleView, FillView, OrderView, TickerView, TradeView
from tests.client.views import TIME, order_view

WHOLE_SECOND = "2026-11-22T15:40:03.000000Z"
TINY_FEE = "0.00000012"
FILL = FillView(
    id=5,
    trade_id=8,
    order_id=42,
    client_order_id=None,
    market="BTC-USDT",
    side=Side.BUY,
    liquidity=Liquidity.MAKER,
    price="60000.00",
    size="0.00012",
    fee=TINY_FEE,
    fee_asset="BTC",
    sequence=991,
    time=WHOLE_SECOND,
)
TICKER = TickerView(
    "BTC-USDT", "1.00", None, None, None, None, "0.00000", "0.00000000", None, None, TIME, MarketState.AUCTION, TIME
)
ORDER = msgspec.structs.replace(order_view(), fees={"BTC": TINY_FEE, "ETH": "1.00000000"}, post_only=True)


@pytest.mark.parametrize(
    ("view", "model", "sheet"),
    [
        (FILL, Fill, sheet_of(FillView)),
        (ORDER, Order, sheet_of(OrderView)),
        (TICKER, Ticker, TICKER_SHEET),
        (TradeView(8, "0.00000001", "0.10000", Side.SELL, TIME), Trade, TRADES_SHEET._replace(name="")),
        (CandleView(TIME, "1.00", "2.00", "1.00", "2.00", "3.00000", 2), Candle, CANDLES_SHEET._replace(name="")),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else "",
)
def test_a_row_is_what_the_command_line_prints(view: msgspec.Struct, model: type[msgspec.Struct], sheet: Sheet) -> None:
    seen = msgspec.json.decode(encode_json(view), type=model)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([seen.__struct_fields__, csv_row(seen)])
    assert text.getvalue() == csv_head(sheet) + csv_rows([encode_json(view)], sheet)


def test_digits_and_times_are_those_that_came() -> None:
    row = dict(zip(Fill.__struct_fields__, csv_row(msgspec.json.decode(encode_json(FILL), type=Fill)), strict=True))
    assert (row["fee"], row["time"], row["client_order_id"]) == (TINY_FEE, WHOLE_SECOND, "")


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    assert moment_text(datetime(2026, 11, 22, 16, 40, 3, tzinfo=timezone(timedelta(hours=1)))) == WHOLE_SECOND
    assert moment_text(datetime(2026, 11, 22, 15, 40, 3, 1, UTC)) == "2026-11-22T15:40:03.000001Z"
