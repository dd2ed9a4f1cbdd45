"""Orders from the command line: what is sent, what is asked first, and what happens when the answer is lost."""

import msgspec
import pytest

from cryptex.protocol.codec import encode_json
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EndReason
from tests.cli.canned import BOOK, ORDER, Canned
from tests.cli.conftest import Cli


def _sent(node: Canned) -> dict[str, object]:
    (request,) = node.sent("POST")
    assert request.token == "Bearer token-1"
    return request.fields


def test_all_flags_reach_the_node(cli: Cli, node: Canned) -> None:
    flags = "--price 60000 --stop 59000 --tif gtd --expires 2030-01-01T00:00:00Z --stp decrement --client-order-id k"
    assert cli("sell", "btc/usdt", "0.5", *flags.split()).code == 0
    assert _sent(node) == {
        "market": "BTC-USDT",
        "side": "sell",
        "type": "stop_limit",
        "size": "0.5",
        "price": "60000",
        "stop_price": "59000",
        "time_in_force": "gtd",
        "expires_at": "2030-01-01T00:00:00Z",
        "self_trade_prevention": "decrement",
        "client_order_id": "k",
    }


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ([], "market"),
        (["--price", "1"], "limit"),
        (["--stop", "1"], "stop"),
        (["--stop", "1", "--price", "1"], "stop_limit"),
    ],
)
def test_the_type_follows_from_the_prices(flags: list[str], kind: str, cli: Cli, node: Canned) -> None:
    assert cli("buy", "BTC-USDT", "0.1", "--yes", *flags).code == 0
    assert _sent(node)["type"] == kind


def test_there_is_always_a_client_order_id(cli: Cli, node: Canned) -> None:
    cli("buy", "BTC-USDT", "0.1", "--price", "1")
    cli("buy", "BTC-USDT", "0.1", "--price", "1")
    first, second = (str(each.fields["client_order_id"]) for each in node.sent("POST"))
    assert len(first) == len(second) == 32
    assert first != second


def test_quote_spends_the_size(cli: Cli, node: Canned) -> None:
    assert cli("buy", "BTC-USDT", "100", "--quote").code == 0
    assert (_sent(node)["quote_size"], "size" in _sent(node)) == ("100", False)


def test_a_lost_answer_is_looked_up(cli: Cli, node: Canned) -> None:
    node.answers["POST /orders"] = Canned.HANG_UP
    ended = cli("buy", "BTC-USDT", "0.5", "--price", "60000", "--client-order-id", "mine-1", "-o", "json")
    assert ended.code == 0
    assert ended.out == encode_json(ORDER).decode() + "\n"
    assert "found by its client_order_id" in ended.err


def test_an_order_that_is_not_found_again_ends_with_five(cli: Cli, node: Canned) -> None:
    node.answers["POST /orders"] = Canned.HANG_UP
    node.refuse("GET /orders/by-client-id/mine-2", Code.UNKNOWN_ORDER, "no such order")
    ended = cli("buy", "BTC-USDT", "0.5", "--price", "60000", "--client-order-id", "mine-2")
    assert (ended.code, ended.out) == (5, "")
    assert "(outcome_unknown)" in ended.err
    assert "cryptex order --client-order-id mine-2" in ended.err


def test_an_unknown_outcome_names_the_generated_key_in_json(cli: Cli, node: Canned) -> None:
    node.refuse("POST /orders", Code.OUTCOME_UNKNOWN, "the node is stopping")
    ended = cli("buy", "BTC-USDT", "0.5", "--price", "60000", "-o", "json")
    assert ended.code == 5
    problem = msgspec.json.decode(ended.err, type=dict[str, object])
    assert problem["client_order_id"] == _sent(node)["client_order_id"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": None}, ""),
        ({"reason": EndReason.FILLED}, ""),
        (
            {"reason": EndReason.NO_LIQUIDITY},
            "Filled 0.20000 BTC of the 0.50000 BTC; the rest was canceled (no_liquidity).",
        ),
        (
            {"reason": EndReason.IOC, "size": None, "quote_size": "500.00000000"},
            "Filled 0.20000 BTC of the 500.00000000 USDT; the rest was canceled (ioc).",
        ),
        (
            {"reason": EndReason.FOK, "filled": "0.00000"},
            "Nothing was filled of the 0.50000 BTC: the order was canceled (fok).",
        ),
    ],
)
def test_what_was_not_filled_is_said(changes: dict[str, object], said: str, cli: Cli, node: Canned) -> None:
    node.answers["POST /orders"] = (201, encode_json(msgspec.structs.replace(ORDER, **changes)))
    ended = cli("buy", "BTC-USDT", "0.5", "--yes", "-o", "json")
    assert (ended.code, ended.err) == (0, f"{said}\n" if said else "")


def test_an_order_that_was_placed_before_is_no_news(cli: Cli, node: Canned) -> None:
    node.answers["POST /orders"] = (200, encode_json(msgspec.structs.replace(ORDER, duplicate=True)))
    ended = cli("buy", "BTC-USDT", "0.5", "--price", "60000", "--client-order-id", "mine-1")
    assert ended.code == 0
    assert "nothing new was placed" in ended.err


@pytest.mark.parametrize("words", [["sell", "BTC-USDT", "1.2"], ["buy", "BTC-USDT", "70001", "--quote"]])
def test_what_cannot_be_paid_for_is_refused_rather_than_asked_about(words: list[str], cli: Cli, node: Canned) -> None:
    node.refuse("POST /orders", Code.INSUFFICIENT_FUNDS, "not enough")
    ended = cli(*words)
    assert (ended.code, ended.err.splitlines()[0]) == (1, "error: not enough (insufficient_funds)")


def test_a_large_market_order_needs_yes(cli: Cli, node: Canned) -> None:
    ended = cli("sell", "BTC-USDT", "0.7")  # of 1.1998 available
    assert ended.code == 2
    assert "Give --yes" in ended.err
    assert node.sent("POST") == []
    assert cli("sell", "BTC-USDT", "0.7", "--yes").code == 0
    assert cli("sell", "BTC-USDT", "0.5").code == 0


def test_a_large_spend_needs_yes(cli: Cli, node: Canned) -> None:
    assert cli("buy", "BTC-USDT", "35001", "--quote").code == 2  # of 70,000 available
    assert cli("buy", "BTC-USDT", "0.6").code == 2  # costs 36,000
    assert node.sent("POST") == []
    assert cli("buy", "BTC-USDT", "35000", "--quote").code == 0


@pytest.mark.parametrize(("word", "code"), [("y", 0), ("n", 130)])
def test_cancel_all_asks_on_a_terminal(
    word: str, code: int, cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def confirm(question: str, *, err: bool) -> bool:
        asked.append(question)
        return word == "y" and err

    monkeypatch.setattr("typer.confirm", confirm)
    monkeypatch.setattr("cryptex.cli.output._is_person", lambda: True)
    assert cli("cancel-all", "BTC-USDT").code == code
    assert asked == ["Cancel all your open orders in BTC-USDT?"]
    assert [each.path for each in node.sent("DELETE")] == (["/orders?market=BTC-USDT"] if code == 0 else [])


def test_dry_run_places_nothing_and_needs_no_login(cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRYPTEX_TOKEN")
    ended = cli("buy", "BTC-USDT", "1", "--dry-run", "-o", "json")
    assert ended.code == 0
    facts = msgspec.json.decode(ended.out, type=dict[str, object])
    assert facts["outcome"] == "filled"
    assert facts["worst_price"] == BOOK.asks[1][0]
    assert node.sent("POST") == []


def test_cancel_tries_each_and_ends_with_the_first_failure(cli: Cli, node: Canned) -> None:
    node.refuse("DELETE /orders/41", Code.NOT_OPEN, "order 41 has ended")
    ended = cli("cancel", "41", "42", "-o", "json")
    assert ended.code == 1
    assert ended.out == encode_json(ORDER).decode() + "\n"
    assert msgspec.json.decode(ended.err, type=dict[str, object])["code"] == "not_open"


def test_a_lost_deposit_is_sent_again_with_its_reference(cli: Cli, node: Canned) -> None:
    node.answers["POST /wallet/deposits"] = Canned.HANG_UP
    ended = cli("wallet", "deposit", "usdt", "500")
    first, second = node.sent("POST")
    assert (ended.code, first.fields) == (5, second.fields)
    assert first.fields["asset"] == "USDT"
