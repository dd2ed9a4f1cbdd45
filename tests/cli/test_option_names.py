"""A field that was turned away, in the words of the command line."""

import pytest

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

TURNED_AWAY = [
    ("keys create bot --expires x", "POST /api_keys", "expires_at", "expires_at must be a time", "--expires must be a"),
    (
        "keys create bot --allow x",
        "POST /api_keys",
        "allowed_addresses",
        "allowed_addresses are addresses, or networks such as 203.0.113.0/24",
        "--allow takes an address, or a network such as 203.0.113.0/24 (",
    ),
    (
        "sell BTC-USDT 1 --price 5 --tif gtd",
        "POST /orders",
        "expires_at",
        "expires_at and time_in_force gtd need each other",
        "--expires and --tif gtd need each other",
    ),
    (
        "admin halt BTC-USDT --for banana --yes",
        "POST /admin/markets/BTC-USDT/halt",
        "duration",
        "duration must be a whole number, not 'banana'",
        "--for must be a whole number, not 'banana'",
    ),
    (
        "wallet withdraw BTC 0.1 x --yes",
        "POST /wallet/withdrawals",
        "address",
        "address: expected `str` of length >= 1",
        "ADDRESS must not be empty",
    ),
    (
        "wallet allow BTC x --label y",
        "POST /wallet/allow_list",
        "label",
        "label: expected `str` of length <= 64",
        "--label must be at most 64 characters long",
    ),
    ("buy BTC-USDT x --price 5", "POST /orders", "size", "size must be a decimal amount", "SIZE must be a decimal"),
    ("amend 42 --size x", "PATCH /orders/42", "size", "size must be a decimal amount", "--size must be a decimal"),
]


@pytest.mark.parametrize(("line", "route", "field", "detail", "said"), TURNED_AWAY)
def test_a_field_is_called_what_the_person_typed(
    line: str, route: str, field: str, detail: str, said: str, cli: Cli, node: Canned
) -> None:
    node.refuse(route, Code.INVALID_REQUEST, detail, field=field)
    ended = cli(*line.split())
    assert (ended.code, f"error: {said}" in ended.err) == (1, True), ended.err
    assert f"Correct {said.split(maxsplit=1)[0]}: `cryptex {line.split(maxsplit=1)[0]} " in ended.err
    assert "send it again" not in ended.err


def test_a_field_without_an_option_leads_to_the_help(cli: Cli, node: Canned) -> None:
    node.refuse("GET /orders", Code.INVALID_REQUEST, "limit of rows and new_word are wrong", field="new_word")
    ended = cli("orders")
    said, what_to_do, _ = ended.err.split("\n")
    assert said == "error: limit of rows and new_word are wrong (invalid_request)"
    assert what_to_do == "`cryptex orders --help` says how it is written."


@pytest.mark.parametrize(
    ("line", "variable", "said"),
    [
        ("nodes trust https://127.0.0.1:1 SHA256:wrong", None, "FINGERPRINT"),
        ("markets --node https://127.0.0.1:1 --trust SHA256:wrong", None, "--trust"),
        ("markets --node https://127.0.0.1:1", "SHA256:wrong", "CRYPTEX_TRUST"),
    ],
)
def test_a_fingerprint_is_looked_for_where_it_was_given(
    line: str, variable: str | None, said: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv("CRYPTEX_TRUST", variable)
    assert f"Correct {said}: " in cli(*line.split()).err


def test_programs_still_get_the_field(cli: Cli, node: Canned) -> None:
    node.refuse("POST /orders", Code.INVALID_REQUEST, "size must be a decimal amount", field="size")
    assert '"field":"size"' in cli("buy", "BTC-USDT", "x", "--price", "5", "-o", "json").err
