"""A users store without room: what was begun is finished as soon as it can be, and what waits has a limit."""

from collections.abc import Iterator

import pytest

from cryptex.node import registrations
from cryptex.protocol.problems import Code, Refusal
from tests.node.edge import PASSWORD, Edge


@pytest.fixture(name="full")
def _full(node: Edge, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let users be reserved, and not be completed."""

    def no_room(*_: object) -> None:
        raise Refusal(Code.UNAVAILABLE, "no room")

    with monkeypatch.context() as patched:
        patched.setattr(node.core.users, "complete", no_room)
        yield patched


def form(name: str) -> dict[str, str]:
    return {"username": name, "password": PASSWORD}


async def test_a_user_that_found_no_room_logs_in_once_there_is(node: Edge, full: pytest.MonkeyPatch) -> None:
    assert await node.refused("POST", "/users", form("ann")) == (504, "outcome_unknown")
    assert await node.refused("POST", "/sessions", form("ann")) == (401, "bad_credentials")
    full.undo()
    assert (await node.post("/sessions", form("ann")))["user_id"] == 1


async def test_what_waits_for_room_has_a_limit(node: Edge, full: pytest.MonkeyPatch) -> None:
    full.setattr(registrations, "UNSETTLED_MAX", 2)
    for name in ("ann", "bob"):
        assert await node.refused("POST", "/users", form(name)) == (504, "outcome_unknown")
    assert await node.refused("POST", "/users", form("cid")) == (503, "unavailable")
    full.undo()
    assert (await node.post("/users", form("cid")))["id"] == 3
    assert (await node.post("/sessions", form("bob")))["user_id"] == 2
