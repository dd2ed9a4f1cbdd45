"""A login that is ended while a request of it waits for the users store: the request is refused, and does nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from cryptex.protocol.commands import DefineMarket, LimitWithdrawals, RequestWithdrawal
from cryptex.protocol.terms import MarketState
from cryptex.store.sessions import session_id
from cryptex.store.tokens import token_hash
from tests.node.asgi import Answer
from tests.node.edge import PASSWORD, Edge

PATIENCE_S: Final = 5.0
BTC, ETH = "BTC-USDT", "ETH-USDT"

LIST_PATH: Final = "/wallet/allow_list"
LIST_CHANGES: Final = [
    ("disable", "PATCH", LIST_PATH, {"enabled": False}),
    ("enable", "PATCH", LIST_PATH, {"enabled": True}),
    ("add", "POST", LIST_PATH, {"asset": "BTC", "address": "a thief's"}),
    ("remove", "DELETE", f"{LIST_PATH}/1", None),
]

ADMINS_ACTS: Final = [
    ("disable", "POST", "/admin/users/bob/disable", {}),
    ("enable", "POST", "/admin/users/eve/enable", None),
    ("end_sessions", "DELETE", "/admin/users/bob/sessions?api_keys=true", None),
    ("record", "POST", f"/admin/markets/{BTC}/halt", {}),
    ("record", "POST", f"/admin/markets/{BTC}/auction", None),
    ("record", "POST", f"/admin/markets/{ETH}/open", None),
    ("record", "POST", "/admin/withdrawals/1/approve", None),
    ("record", "POST", "/admin/withdrawals/1/reject", None),
]
"""Which method of the store carries a request out, and the request."""


async def log_in(node: Edge, name: str) -> str:
    """Log in once more; return the token."""
    token: str = (await node.post("/sessions", {"username": name, "password": PASSWORD}))["token"]
    return token


@asynccontextmanager
async def held(store: object, method: str) -> AsyncIterator[threading.Event]:
    """Hold the calls of a store's method until the block is left. Yield what is set once there is one."""
    gate, begun, real = threading.Event(), threading.Event(), getattr(store, method)

    def slow(*arguments: Any, **named: Any) -> Any:
        begun.set()
        gate.wait()
        return real(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, method, slow)
        try:
            yield begun
        finally:
            gate.set()


async def overtaken(node: Edge, name: str, store: object, change: tuple[str, str, str, object]) -> list[Answer]:
    """Return the answers to a request that is sent twice, and whose login is ended from another one meanwhile.

    The first is about to be carried out then, the other waits for its turn.
    """
    method, *request = change
    kept, ended = await log_in(node, name), await log_in(node, name)
    async with held(store, method) as begun:
        asked = [asyncio.create_task(node.ask(*request, token=ended)) for _ in range(2)]
        assert await asyncio.to_thread(begun.wait, PATIENCE_S), change
        path = f"/sessions/{session_id(token_hash(ended))}"
        assert (await node.ask("DELETE", path, token=kept)).status == 204
    return [await each for each in asked]


def audited(node: Edge) -> list[str]:
    """Return the acts in the audit log but for logins and their ends."""
    entries = node.core.users.admins.audited(1000, None, None, []).entries
    return [each.act for each in entries if each.act not in ("login", "session_revoked")]


@pytest.mark.parametrize("change", LIST_CHANGES, ids=lambda change: change[0])
async def test_an_allow_list_stays_as_it_is(node: Edge, change: tuple[str, str, str, object]) -> None:
    user_id, token = await node.user("ann")
    lists = node.core.users.allow_lists
    await node.post(LIST_PATH, {"asset": "BTC", "address": "mine"}, token)
    if change[0] != "enable":
        await node.ask("PATCH", LIST_PATH, {"enabled": True}, token=token)
    before, acts = lists.of_user(user_id), audited(node)
    answers = await overtaken(node, "ann", lists, change)
    assert [(each.status, each.json()["code"]) for each in answers] == [(401, "unauthenticated")] * 2
    assert (lists.of_user(user_id), audited(node)) == (before, acts)


async def town(node: Edge) -> None:
    """Make chief, an admin, and something for each act of an admin to change."""
    submit = node.core.sequencer.submit
    await submit(DefineMarket("BTC", "USDT", "0.01", "0.00001", "5", "0.0010", "0.0010", auction_duration="60s"))
    await submit(LimitWithdrawals("BTC", automatic_units=0, daily_units=None))
    _, chief = await node.user("chief")
    node.core.users.admins.give("chief")
    bob, token = await node.user("bob", BTC="10")
    await node.post("/api_keys", {"label": "bot", "scopes": ["read"]}, token)
    await submit(RequestWithdrawal(bob, "BTC", 10**8, "bob's"))
    await node.user("eve")
    for path in ("users/eve/disable", f"markets/{ETH}/halt"):
        assert (await node.ask("POST", f"/admin/{path}", {}, token=chief)).status == 200


def state_of(node: Edge) -> tuple[object, ...]:
    """Return what admins' acts could have changed."""
    users = [each for each in node.core.users.admins.users(10) if each.username != "chief"]
    phases = [node.core.exchange.phase(market) for market in (BTC, ETH)]
    return users, phases, node.core.exchange.withdrawals.live[1].status


async def test_no_act_of_an_admin_is_done(node: Edge) -> None:
    await town(node)
    assert [node.core.exchange.phase(market).state for market in (BTC, ETH)] == [MarketState.OPEN, MarketState.HALTED]
    before, acts = state_of(node), audited(node)
    for act in ADMINS_ACTS:
        answers = await overtaken(node, "chief", node.core.users.admins, act)
        assert [(each.status, each.json()["code"]) for each in answers] == [(401, "unauthenticated")] * 2, act
        assert (state_of(node), audited(node)) == (before, acts), act
