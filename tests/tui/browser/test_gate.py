"""Who may come in."""

import pytest

from cryptex.tui.browser.gate import Gate, Request, Verdict

HOST = "127.0.0.1:7080"
OWN = "http://127.0.0.1:7080"


@pytest.fixture(name="gate")
def _gate() -> Gate:
    """A gate whose token nobody used."""
    return Gate(HOST)


def test_the_token_works_once(gate: Gate) -> None:
    assert gate.judge(Request(HOST, token=gate.token)) is Verdict.ADMIT
    assert gate.judge(Request(HOST, token=gate.token)) is Verdict.REFUSE


def test_the_cookie_works_again_and_again(gate: Gate) -> None:
    for _ in range(2):
        assert gate.judge(Request(HOST, cookie=gate.cookie)) is Verdict.PASS
    assert gate.judge(Request(HOST, OWN, "same-origin", cookie=gate.cookie, is_socket=True)) is Verdict.PASS


def test_who_has_the_cookie_does_not_use_up_the_token(gate: Gate) -> None:
    assert gate.judge(Request(HOST, cookie=gate.cookie, token=gate.token)) is Verdict.PASS
    assert gate.judge(Request(HOST, token=gate.token)) is Verdict.ADMIT


@pytest.mark.parametrize(
    "changes",
    [
        {"cookie": None},
        {"cookie": ""},
        {"cookie": "another"},
        {"cookie": "\udce9"},
        {"host": "localhost:7080"},
        {"host": "evil.example"},
        {"host": "127.0.0.1:7081"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:7080"},
        {"origin": None, "is_socket": True},
        {"fetch_site": "cross-site"},
        {"fetch_site": "same-site"},
    ],
    ids=str,
)
def test_all_of_it_must_be_right(gate: Gate, changes: dict[str, str | bool | None]) -> None:
    right = Request(HOST, OWN, "same-origin", cookie=gate.cookie)
    assert gate.judge(right) is Verdict.PASS
    assert gate.judge(right._replace(**changes)) is Verdict.REFUSE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"token": "another"}, {"host": "evil.example"}, {"origin": "http://evil.example"}, {"is_socket": True}],
    ids=str,
)
def test_a_token_at_the_wrong_place_is_not_used_up(gate: Gate, changes: dict[str, str | bool]) -> None:
    right = Request(HOST, None, "none", gate.token)
    assert gate.judge(right._replace(**changes)) is Verdict.REFUSE  # type: ignore[arg-type]
    assert gate.judge(right) is Verdict.ADMIT


def test_secrets_are_long_and_never_the_same() -> None:
    gates = [Gate(HOST) for _ in range(100)]
    secrets = {secret for gate in gates for secret in (gate.token, gate.cookie)}
    assert len(secrets) == 200
    assert min(map(len, secrets)) >= 43


def test_the_address_has_the_token_and_the_port_names_the_cookie(gate: Gate) -> None:
    assert gate.address == f"{OWN}/?token={gate.token}"
    assert gate.cookie_name == "cryptex-7080"
