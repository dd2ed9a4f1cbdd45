"""Files of runs: what is wrong is refused with the file and the line."""

from pathlib import Path

import pytest

from cryptex.protocol.problems import Refusal
from cryptex.sim.report import bars, decode, tape
from cryptex.sim.report.model import Run
from cryptex.sim.report.statistics import NotComputable
from tests.sim.report import tapes

TRADES = "timestamp,price,size,side,trade_id"
GOOD = "1.000000000,100.00,0.5,buy,1"


def run_of(duration: str) -> Run:
    return Run(scenario="x", seed=1, version="0", duration=duration, state_hash="")


def test_trades_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    tapes.write_rows(path, TRADES, ["1.000000001,60000.12,0.00001,buy,1", "28799.999999999,60000.13,2,sell,2"])
    found = tape.read_trades(path)
    assert found.time_ns.tolist() == [1_000_000_001, 28_799_999_999_999]
    assert found.price.tolist() == [6_000_012_000_000, 6_000_013_000_000]
    assert found.size.tolist() == [1_000, 200_000_000]
    assert found.sign.tolist() == [1, -1]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    tapes.write_rows(path, "ask,market,timestamp,bid", ["101,BTC-USDT,1,", ",BTC-USDT,2,99"])
    found = tape.read_quotes(path)
    assert found.bid.tolist() == [decode.ABSENT, 9_900_000_000]
    assert found.ask.tolist() == [10_100_000_000, decode.ABSENT]


def test_a_file_of_no_rows_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    tapes.write_rows(path, TRADES, [])
    assert len(tape.read_trades(path).price) == 0


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1.0000000001,100.00,0.5,buy,2", "timestamp must be seconds"),
        ("-1,100.00,0.5,buy,2", "timestamp must be seconds"),
        ("1,1e3,0.5,buy,2", "price must be a decimal amount"),
        ("1,0,0.5,buy,2", "price must be above 0"),
        ("1,,0.5,buy,2", "price must be a decimal amount"),
        ("1,100.00,999999999999999999,buy,2", "size must be above 0 and at most"),
        ("1,100.00,0.5,Buy,2", "side must be buy or sell, not 'Buy'"),
        ("1,100.00,0.5,buy,x", "trade_id must be a whole number"),
        ("1,100.00,0.5,buy", "4 cells where the head line has 5"),
    ],
)
def test_a_bad_row_is_named(row: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    tapes.write_rows(path, TRADES, [GOOD, row, GOOD])
    with pytest.raises(Refusal, match=says) as caught:
        tape.read_trades(path)
    assert "trades.csv, line 3: " in caught.value.message
    assert caught.value.details == {"field": "trades.csv", "line": 3}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "line 1: the head line lacks timestamp, price"),
        (b"timestamp,price,size,side\n", "line 1: the head line lacks trade_id"),
        (b"timestamp,price,size,side,trade_id\n\xff\xfe", "is not a CSV file"),
        (b'timestamp,price,size,side,trade_id\n"1,2', "is not a CSV file"),
    ],
)
def test_a_bad_file_is_named(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=says):
        tape.read_trades(path)


def test_only_limit_orders_are_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    head = "timestamp,side,price,best_bid,best_ask,kind"
    tapes.write_rows(path, head, ["1,buy,98,99,,limit", "2,sell,,99,,market", "3,sell,101,99,101,cancel"])
    found = tape.read_orders(path)
    assert found.price.tolist() == [9_800_000_000]
    assert found.best_ask.tolist() == [decode.ABSENT]
    tapes.write_rows(path, head, ["1,buy,98,99,,stop"])
    with pytest.raises(Refusal, match="line 2: kind must be limit, market, cancel, not 'stop'"):
        tape.read_orders(path)


def test_induced_values(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    tapes.write_rows(path, "period,account,side,value,price", ["1,zic-0,buy,105.5,100", "1,zic-1,sell,95,"])
    assert decode.read_values(path) == [
        decode.InducedValue(1, "zic-0", 1, 10_550_000_000, 10_000_000_000),
        decode.InducedValue(1, "zic-1", -1, 9_500_000_000, decode.ABSENT),
    ]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("8h", 28_800), ("90m", 5_400), ("28800.000000000", 28_800), ("0.5", 0.5)],
)
def test_durations(duration: str, seconds: float) -> None:
    assert decode.run_ns(run_of(duration)) == seconds * 1_000_000_000


@pytest.mark.parametrize("duration", ["", "8 h", "h", "-8h"])
def test_bad_durations(duration: str) -> None:
    with pytest.raises(Refusal, match="duration must be"):
        decode.run_ns(run_of(duration))


@pytest.mark.parametrize("text", [None, "{", '{"scenario": 1}'])
def test_no_run(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Refusal, match=r"run\.json"):
        decode.read_run(path)


def test_bars_begin_with_the_first_trade_and_carry_prices(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    rows = ["45,100,1,buy,1", "59.999999999,101,1,buy,2", "60,102,2,buy,3", "120,103,4,buy,4", "3690,999,1,buy,5"]
    tapes.write_rows(path, TRADES, rows)
    found = bars.cut(tape.read_trades(path), 3_690 * 10**9, 30 * 10**9)
    assert len(found.log_price) == 122
    assert found.trades[:5].tolist() == [2, 1, 0, 1, 0]
    assert found.volume[:5].tolist() == [2, 2, 0, 4, 0]
    assert [round(2.718281828459045**price) for price in found.log_price[:5]] == [101, 102, 102, 103, 103]
    with pytest.raises(NotComputable):
        bars.cut(tape.read_trades(path), 3_000 * 10**9, 30 * 10**9)
