"""The error catalogue: complete, consistent, and the page that users read is current."""

import subprocess
import sys
from pathlib import Path

import pytest

from cryptex.protocol.errors_page import page
from cryptex.protocol.problems import CATALOGUE, Code, Family, Refusal, problem

ROOT = Path(__file__).parents[2]
STATUS_OF_FAMILY = {
    Family.REFUSED: {404, 409, 422},
    Family.INVALID: {404, 405, 413, 422},
    Family.ACCESS: {401, 403},
    Family.UNAVAILABLE: {429, 500, 503},
    Family.OUTCOME_UNKNOWN: {504},
}
CONTRACT = [
    "insufficient_funds",
    "tick_size",
    "lot_size",
    "min_notional",
    "price_out_of_band",
    "would_take",
    "stop_would_trigger",
    "unknown_market",
    "unknown_order",
    "not_open",
    "market_halted",
    "too_many_open_orders",
    "duplicate_user",
    "weak_password",
    "bad_credentials",
    "unauthenticated",
    "forbidden",
    "rate_limited",
    "invalid_request",
    "too_large",
    "amount_too_large",
    "client_order_id_conflict",
    "unavailable",
    "outcome_unknown",
    "internal_error",
]


def test_every_code_has_a_row_and_every_row_a_code() -> None:
    assert set(CATALOGUE) == set(Code)


@pytest.mark.parametrize("code", CONTRACT)
def test_the_codes_of_the_contract_are_there(code: str) -> None:
    assert Code(code) in CATALOGUE


@pytest.mark.parametrize("code", Code)
def test_a_row_is_whole(code: Code) -> None:
    entry = CATALOGUE[code]
    assert entry.title
    assert entry.suggestion.endswith(".")
    assert entry.status in STATUS_OF_FAMILY[entry.family]
    assert entry.exit_code != 0
    assert code == code.lower().replace("-", "_").replace(" ", "_")


@pytest.mark.parametrize(
    ("family", "exit_code"),
    [
        (Family.REFUSED, 1),
        (Family.INVALID, 1),
        (Family.ACCESS, 4),
        (Family.UNAVAILABLE, 3),
        (Family.OUTCOME_UNKNOWN, 5),
    ],
)
def test_exit_codes_are_those_of_the_contract(family: Family, exit_code: int) -> None:
    found = {int(entry.exit_code) for entry in CATALOGUE.values() if entry.family is family}
    assert found == {exit_code}


def test_what_may_have_been_done_is_never_retryable() -> None:
    assert not CATALOGUE[Code.OUTCOME_UNKNOWN].retryable
    assert CATALOGUE[Code.UNAVAILABLE].retryable
    assert CATALOGUE[Code.RATE_LIMITED].retryable


def test_a_refusal_carries_its_problem() -> None:
    refusal = Refusal(Code.TICK_SIZE, "between ticks", field="price", tick_size="0.01")
    assert refusal.problem == problem(Code.TICK_SIZE, "between ticks", {"field": "price", "tick_size": "0.01"})
    assert refusal.problem.suggestion == CATALOGUE[Code.TICK_SIZE].suggestion
    assert str(refusal) == "between ticks"


def test_the_page_is_current() -> None:
    """`python -m cryptex.protocol.errors_page > docs/errors.md` writes it."""
    assert (ROOT / "docs" / "errors.md").read_text() == page()


def test_the_page_has_a_row_for_each_code() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(Code)
    assert all(row.replace("\\|", "").count("|") == 8 for row in rows)


def test_the_page_is_what_the_module_prints() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "cryptex.protocol.errors_page"], cwd=ROOT, capture_output=True, check=True
    )
    assert ran.stdout.decode() == page()
