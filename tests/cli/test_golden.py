"""What every command that gives data prints, in all four forms."""

import msgspec
import pytest
import typer

from cryptex.cli.main import build_app
from cryptex.protocol.codec import encode_json
from tests.cli.canned import BOOK, Canned
from tests.cli.conftest import Cli
from tests.cli.golden import FORMS, GOLDEN, expect
from tests.cli.test_page import all_commands

COMMANDS = {
    "markets": ["markets"],
    "tickers": ["ticker"],
    "ticker": ["ticker", "btc/usdt"],
    "book": ["book", "BTC-USDT"],
    "trades": ["trades", "BTC-USDT"],
    "candles": ["candles", "BTC-USDT", "--interval", "1m"],
    "orders": ["orders"],
    "order": ["order", "42"],
    "fills": ["fills"],
    "wallet": ["wallet"],
    "entries": ["wallet", "entries"],
    "whoami": ["whoami"],
    "buy": ["buy", "BTC-USDT", "0.5", "--price", "60000", "--client-order-id", "mine-1"],
    "dry_run": ["sell", "BTC-USDT", "1", "--dry-run"],
    "amend": ["amend", "42", "--price", "60000"],
    "cancel": ["cancel", "42"],
    "cancel_all": ["cancel-all", "--yes"],
    "deposit": ["wallet", "deposit", "USDT", "500"],
    "withdraw": ["wallet", "withdraw", "USDT", "10", "there", "--yes"],
    "wallet_withdrawals": ["wallet", "withdrawals"],
    "wallet_withdrawal": ["wallet", "withdrawal", "2"],
    "wallet_cancel-withdrawal": ["wallet", "cancel-withdrawal", "3"],
    "wallet_addresses": ["wallet", "addresses"],
    "wallet_allow-list": ["wallet", "allow-list"],
    "wallet_allow": ["wallet", "allow", "USDT", "there", "--label", "savings"],
    "wallet_disallow": ["wallet", "disallow", "1"],
    "admin_withdrawals": ["admin", "withdrawals"],
    "admin_approve": ["admin", "approve", "3", "--yes"],
    "admin_reject": ["admin", "reject", "3", "--yes"],
    "keys_create": ["keys", "create", "bot", "--scope", "read", "--scope", "trade"],
    "keys_list": ["keys", "list"],
    "keys_revoke": ["keys", "revoke", "2", "--yes"],
    "sessions_list": ["sessions", "list"],
    "sessions_revoke": ["sessions", "revoke", "00aa00bb00cc00dd"],
    "sessions_revoke-others": ["sessions", "revoke-others", "--yes"],
    "second-factor_status": ["second-factor", "status"],
    "second-factor_enable": ["second-factor", "enable"],
    "second-factor_recovery-codes": ["second-factor", "recovery-codes", "--yes"],
    "admin_users": ["admin", "users"],
    "admin_disable": ["admin", "disable", "mallory", "--reason", "stolen", "--yes"],
    "admin_enable": ["admin", "enable", "mallory"],
    "admin_sessions-end": ["admin", "sessions-end", "mallory", "--keys", "--yes"],
    "admin_halt": ["admin", "halt", "btc/usdt", "--for", "5m", "--yes"],
    "admin_open": ["admin", "open", "BTC-USDT", "--yes"],
    "admin_auction": ["admin", "auction", "BTC-USDT", "--yes"],
    "admin_audit": ["admin", "audit", "--user", "mallory"],
    "node_status": ["node", "status"],
    "register": ["register", "alice", "--password-stdin"],
    "login": ["login", "alice", "--password-stdin"],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", COMMANDS)
def test_prints_what_its_golden_file_says(name: str, form: str, cli: Cli, node: Canned) -> None:
    ended = cli(*COMMANDS[name], "-o", form, stdin="password123\n")
    assert ended.code == 0, ended.err
    expect(name, form, ended.out.replace(node.url, "http://NODE"))


@pytest.mark.parametrize(
    ("name", "route"), [("orders", "GET /orders"), ("book", "GET /markets/BTC-USDT/book"), ("wallet", "GET /wallet")]
)
def test_json_is_the_nodes_answer_verbatim_in_either_position(name: str, route: str, cli: Cli, node: Canned) -> None:
    expected = node.answers[route][1].decode() + "\n"
    assert cli("-o", "json", *COMMANDS[name]).out == expected
    assert cli(*COMMANDS[name], "-o", "json").out == expected


EMPTY = [
    ("orders", "GET /orders", "orders", "No open orders."),
    ("orders --all --market btc/usdt", "GET /orders", "orders", "No orders in BTC-USDT."),
    ("fills", "GET /fills", "fills", "No fills."),
    ("trades BTC-USDT", "GET /markets/BTC-USDT/trades", "trades", "No trades."),
    ("candles BTC-USDT", "GET /markets/BTC-USDT/candles", "candles", "No candles: nothing was traded."),
    ("wallet entries", "GET /wallet/entries", "entries", "No ledger entries."),
    ("wallet withdrawals", "GET /wallet/withdrawals", "withdrawals", "No withdrawals."),
    ("keys list", "GET /api_keys", "api_keys", "No API keys."),
    ("sessions list", "GET /sessions", "sessions", "No logins."),
    ("cancel-all --yes", "DELETE /orders", "canceled", "No open orders: nothing was canceled."),
]


@pytest.mark.parametrize(("words", "route", "name", "said"), EMPTY)
def test_an_empty_table_is_a_sentence_on_stderr(
    words: str, route: str, name: str, said: str, cli: Cli, node: Canned
) -> None:
    empty = f'{{"{name}":[]}}'
    node.answers[route] = (200, empty.encode())
    assert cli(*words.split()) == (0, "", f"{said}\n")
    assert cli(*words.split(), "-o", "json") == (0, f"{empty}\n", "")
    assert cli(*words.split(), "-o", "ndjson") == (0, "" if name != "canceled" else f"{empty}\n", "")
    assert cli(*words.split(), "-o", "csv").out.count("\n") == 1


def test_an_empty_book_is_said(cli: Cli, node: Canned) -> None:
    empty = msgspec.structs.replace(BOOK, bids=[], asks=[])
    node.answers["GET /markets/BTC-USDT/book"] = (200, encode_json(empty))
    assert cli("book", "BTC-USDT") == (0, "", "The book is empty.\n")


def test_an_empty_list_has_a_head_in_csv_and_no_lines_in_ndjson(cli: Cli, node: Canned) -> None:
    node.answers["GET /fills"] = (200, b'{"fills":[]}')
    assert cli("fills", "-o", "ndjson").out == ""
    assert cli("fills", "-o", "csv").out.splitlines() == [(GOLDEN / "fills.csv.txt").read_text().splitlines()[0]]


@pytest.mark.parametrize(("form", "said"), [("table", True), ("csv", True), ("ndjson", True), ("json", False)])
def test_the_next_page_is_told_where_the_data_does_not(form: str, said: bool, cli: Cli) -> None:
    assert ("--before 41" in cli("orders", "-o", form).err) is said


def test_csv_quotes_what_needs_it_and_ignores_what_it_does_not_know(cli: Cli, node: Canned) -> None:
    node.answers["GET /wallet"] = (200, b'{"balances":[{"asset":"a,\\"b","balance":"1","held":null,"new":1}]}')
    assert cli("wallet", "-o", "csv").out == 'asset,balance,held,available\n"a,""b",1,,\n'


LOCAL = (
    {"bench", "check", "watch", "watch_fill"}
    | {f"node_{verb}" for verb in ("audit", "backup", "rebuild", "restore", "start", "stop", "verify")}
    | {f"node_admin_{verb}" for verb in ("add", "list", "remove")}
    | {f"nodes_{verb}" for verb in ("forget", "list", "trust")}
    | {f"sim_{verb}" for verb in ("check", "list", "report", "run", "show")}
)
"""They are in test_golden_local.py, test_watch_alerts.py and test_known.py."""

NO_DATA = {"bot run", "demo", "logout", "node key", "node rekey", "password", "second-factor disable", "tui"}
"""They say nothing on stdout, or what test_bot.py, test_demo.py and test_node_key.py read."""


def test_every_command_has_its_golden_files_and_every_file_its_command() -> None:
    assert {path.name.split(".")[0] for path in GOLDEN.iterdir()} == set(COMMANDS) | LOCAL
    tested = {" ".join(words[:2]) for words in COMMANDS.values()} | {name.replace("_", " ") for name in LOCAL}
    commands = set(all_commands(typer.main.get_command(build_app()))) - NO_DATA
    assert {name for name in commands if not any(f"{words} ".startswith(f"{name} ") for words in tested)} == set()


def test_logout_gives_no_data(cli: Cli) -> None:
    for form in FORMS:
        assert cli("logout", "-o", form).out == ""
