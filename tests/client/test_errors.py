"""Problems become exceptions of their family, whoever sent them and in whatever shape."""

import msgspec
import pytest

from cryptex.client.errors import (
    AccessError,
    CryptexError,
    InvalidRequestError,
    NodeUnreachableError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
    error_for,
    error_from_reply,
    error_from_response,
    invalid_request,
    outcome_unknown,
    unreachable,
    with_keys,
)
from cryptex.protocol.problems import CATALOGUE, Code, Family, problem

FAMILIES = {
    Family.REFUSED: RefusedError,
    Family.INVALID: InvalidRequestError,
    Family.ACCESS: AccessError,
    Family.UNAVAILABLE: UnavailableError,
    Family.OUTCOME_UNKNOWN: OutcomeUnknownError,
}


@pytest.mark.parametrize("code", Code)
def test_every_code_has_the_class_of_its_family(code: Code) -> None:
    entry = CATALOGUE[code]
    told = problem(code, "what happened", {"field": "price"})
    page = {
        "type": "about:blank",
        "title": entry.title,
        "status": entry.status,
        "code": code,
        "detail": "what happened",
        "retryable": entry.retryable,
        "suggestion": entry.suggestion,
        "field": "price",
        "strange": ["dropped"],
    }
    for error in (
        error_for(told),
        error_from_reply(msgspec.json.encode(told)),
        error_from_response(entry.status, msgspec.json.encode(page)),
    ):
        assert type(error) is FAMILIES[entry.family]
        assert error.family is entry.family
        assert error.problem == told
        assert error.code is code
        assert str(error) == "what happened"
        assert error.details == {"field": "price"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, UnavailableError),
        (400, RefusedError),
        (401, AccessError),
        (403, AccessError),
        (404, InvalidRequestError),
        (413, InvalidRequestError),
        (418, RefusedError),
        (429, UnavailableError),
        (500, UnavailableError),
        (503, UnavailableError),
        (504, OutcomeUnknownError),
    ],
)
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"code":"of_the_future","detail":"d"}', b'{"code":5}'])
def test_an_answer_in_other_words_goes_by_its_status(status: int, expected: type[CryptexError], body: bytes) -> None:
    error = error_from_response(status, body)
    assert type(error) is expected
    assert error.problem is None
    assert error.code is None
    assert error.details == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"code":"of_the_future","message":"m","retryable":true}', UnavailableError),
        (b'{"code":"of_the_future","message":"m"}', RefusedError),
        (b"null", UnavailableError),
    ],
)
def test_a_reply_in_other_words(body: bytes, expected: type[CryptexError]) -> None:
    assert type(error_from_reply(body)) is expected


def test_errors_of_the_sdk_itself_have_problems_too() -> None:
    lost = unreachable("no")
    assert isinstance(lost, NodeUnreachableError | UnavailableError)
    assert lost.code is Code.UNAVAILABLE
    assert invalid_request("no", "price").details == {"field": "price"}
    assert outcome_unknown("no", {"client_order_id": "key"}).client_order_id == "key"
    assert outcome_unknown("no").client_order_id is None


def test_an_outcome_that_the_node_does_not_know_names_what_to_ask_by() -> None:
    body = b'{"code":"outcome_unknown","message":"the node stopped","details":{}}'
    error = with_keys(error_from_reply(body), {"client_order_id": "key"})
    assert isinstance(error, OutcomeUnknownError)
    assert error.client_order_id == "key"
    assert str(error) == "the node stopped"
    refused = error_from_reply(b'{"code":"unknown_order","message":"no","details":{}}')
    assert with_keys(refused, {"client_order_id": "key"}) is refused
