"""What the terminal says about problems is for people at the terminal."""

import re

import pytest

from cryptex.client.errors import invalid_request, unreachable
from cryptex.protocol.problems import CATALOGUE, Code, Problem, problem
from cryptex.tui.orders.advice import advice

FOR_PROGRAMS = re.compile(r"GET|POST|DELETE|REST|HTTP|Allow|Bearer|websocket|token|docs/|\b[a-z]+_[a-z_]+|\[|KiB")


@pytest.mark.parametrize("code", list(Code))
def test_nothing_is_said_to_programs(code: Code) -> None:
    assert not FOR_PROGRAMS.search(advice(problem(code, "no")))


@pytest.mark.parametrize("code", [code for code in Code if not FOR_PROGRAMS.search(CATALOGUE[code].suggestion)])
def test_what_the_catalogue_says_to_people_is_said_in_words_too(code: Code) -> None:
    said = advice(problem(code, "no"))
    assert said == "" or said.endswith((".", "?"))


def test_a_token_that_holds_no_longer_leads_to_the_login() -> None:
    assert advice(problem(Code.UNAUTHENTICATED, "no")) == "Log in again."


def test_a_wait_is_told_in_seconds_where_it_is_known() -> None:
    assert advice(problem(Code.RATE_LIMITED, "no", {"retry_after": 3})) == "Wait 3 s, then try again."
    assert advice(problem(Code.RATE_LIMITED, "no")) == "Wait a little, then try again."


def test_more_exact_words_stay() -> None:
    error = unreachable("no answer")
    assert advice(error.problem) == error.problem.suggestion  # type: ignore[union-attr]
    assert advice(Problem(Code.NODE_CHANGED, "no", False, "Ask its operator.", {})) == "Ask its operator."
    assert advice(invalid_request("no", "price").problem) == "Correct it, then try again."
    assert advice(None) == ""
