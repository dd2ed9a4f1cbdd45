"""`--watch` on a real node: rows as they come, live tables, and how a follower ends."""

import csv
import json

import pytest

from tests.cli.conftest import Cli
from tests.cli.live import LiveNode, interrupt, lines


def test_trades_come_as_they_happen_and_ctrl_c_ends_with_130(live: LiveNode) -> None:
    live.trade("60000")
    with live.start("trades", "BTC-USDT", "--watch", "-o", "ndjson", "--limit", "1") as process:
        (before,) = map(json.loads, lines(process, 1))
        live.trade("60001")
        (now,) = map(json.loads, lines(process, 1))
        assert interrupt(process) == (130, "")
    assert (before["price"], now["price"], now["side"]) == ("60000.00", "60001.00", "buy")
    assert now["time"].endswith("Z")
    assert now["id"] > before["id"]


def test_each_change_of_an_order_and_of_the_wallet_is_a_row(live: LiveNode) -> None:
    token = live.maker.token
    with (
        live.start("orders", "--watch", "-o", "csv", token=token) as orders,
        live.start("wallet", "--watch", "-o", "ndjson", token=token) as wallet,
    ):
        (head,) = lines(orders, 1)
        first = [json.loads(line) for line in lines(wallet, 2)]
        order = live.maker.place_order("BTC-USDT", "sell", "0.5", price="70000")
        (placed,) = lines(orders, 1)
        live.maker.cancel_order(order.id)
        (canceled,) = lines(orders, 1)
        held = json.loads(lines(wallet, 1)[0])
        assert interrupt(orders)[0] == interrupt(wallet)[0] == 130
    rows = list(csv.DictReader([head, placed, canceled]))
    assert [row["status"] for row in rows] == ["open", "canceled"]
    assert rows[0]["size"] == "0.50000"
    assert {each["asset"] for each in first} <= {"BTC", "ETH", "SOL", "USDT"}
    assert set(held) == {"asset", "balance", "held", "available"}


def test_book_ticker_candles_and_fills_begin_with_what_there_is(live: LiveNode) -> None:
    live.trade("60002")
    live.maker.place_order("BTC-USDT", "buy", "0.001", price="50000", client_order_id="level")
    commands = {
        "book": ["book", "BTC-USDT", "--depth", "1"],
        "ticker": ["ticker", "BTC-USDT"],
        "candles": ["candles", "BTC-USDT", "--interval", "1d", "--limit", "1"],
        "fills": ["fills", "--limit", "1"],
    }
    first = {}
    for name, command in commands.items():
        with live.start(*command, "--watch", "-o", "ndjson", token=live.taker.token) as process:
            first[name] = json.loads(lines(process, 1)[0])
            process.kill()
    assert first["book"]["bids"] == [["50000.00", "0.00100"]]
    assert first["ticker"]["last"] == first["candles"]["close"] == first["fills"]["price"] == "60002.00"


def test_a_table_is_printed_anew_where_there_is_no_terminal(live: LiveNode) -> None:
    live.trade("60003")
    with live.start("trades", "BTC-USDT", "-w", "--limit", "1") as process:
        head, row, empty = lines(process, 3)
        live.trade("60004")
        again, newer = lines(process, 2)
        assert interrupt(process) == (130, "")
    assert (head, empty) == (again, "")
    assert ("60003.00" in row, "60004.00" in newer) == (True, True)


def test_a_follower_leaves_with_its_reader(live: LiveNode) -> None:
    live.trade()
    with live.start("trades", "BTC-USDT", "--watch", "-o", "ndjson") as process:
        lines(process, 1)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_one_json_document_cannot_be_followed(cli: Cli) -> None:
    ended = cli("ticker", "--watch", "-o", "json")
    assert (ended.code, ended.out) == (2, "")
    assert "-o ndjson" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["trades", "NO-SUCH"], 1), (["wallet"], 4), (["--node", "http://127.0.0.1:1", "book", "BTC-USDT"], 3)],
)
def test_what_cannot_be_followed_ends_as_without_watch(arguments: list[str], code: int, live: LiveNode) -> None:
    with live.start(*arguments, "--watch", "-o", "ndjson") as process:
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, "")
