"""The SDK with keys that sign, and logouts, over real sockets."""

import asyncio
from pathlib import Path

import pytest

from cryptex.client.errors import AccessError
from cryptex.client.exchange import Exchange
from cryptex.protocol.problems import Code
from tests.node.edge import PASSWORD
from tests.node.served import served


@pytest.mark.parametrize("kind", ["hmac", "ed25519"])
async def test_the_sdk_signs_requests_and_logins_by_itself(tmp_path: Path, kind: str) -> None:
    async with served(tmp_path) as node, Exchange(node.url) as person:
        await person.register("ann", PASSWORD)
        await person.login("ann", PASSWORD)
        key = await person.create_key("bot", ["read", "trade"], kind=kind, allowed_addresses=["127.0.0.0/8"])
        assert key.secret is not None
        assert key.secret not in repr(key)
        async with Exchange(node.url, key.secret) as bot, bot.watch_orders() as orders:
            assert (await bot.me()).scopes == ("read", "trade")
            await orders.ready()
            order = await bot.place_order("BTC-USDT", "buy", "0.1", price="100", client_order_id="a b/c")
            assert (await bot._in_thread(lambda: bot._rest.order_by_client_id("a b/c"))).id == order.id
            assert [each.id for each in await bot.orders(market="BTC-USDT", limit=1)] == [order.id]
            assert (await bot.cancel_order(order.id)).status == "canceled"
            with pytest.raises(AccessError) as caught:
                await bot.sessions()
            assert caught.value.code is Code.FORBIDDEN
        elsewhere = await person.create_key("bot", kind=kind, allowed_addresses=["192.0.2.1"])
        assert elsewhere.scopes == ("read",)
        with pytest.raises(AccessError) as caught:
            await Exchange(node.url, elsewhere.secret).connect()
        assert caught.value.code is Code.ADDRESS_NOT_ALLOWED


async def test_a_logout_closes_every_socket_of_its_token_within_a_second(tmp_path: Path) -> None:
    async with served(tmp_path) as node, Exchange(node.url) as ann, Exchange(node.url) as bob:
        for exchange, name in ((ann, "ann"), (bob, "bob")):
            await exchange.register(name, PASSWORD)
            await exchange.login(name, PASSWORD)
        token = ann._rest.token
        others = [Exchange(node.url, token) for _ in range(3)]
        closed = [asyncio.Event() for _ in others]
        for other, event in zip(others, closed, strict=True):
            await other.connect()
            other.on_state(lambda state, event=event: event.set() if state != "live" else None)  # type: ignore[misc]
        async with asyncio.timeout(1):
            await ann.logout()
            for event in closed:
                await event.wait()
        await bob.balances()
        for other in others:
            await other.close()


async def test_the_sdk_makes_an_older_login_fresh_by_the_password_that_it_changes(tmp_path: Path) -> None:
    async with served(tmp_path) as node, Exchange(node.url) as ann:
        await ann.register("ann", PASSWORD)
        await ann.login("ann", PASSWORD)
        with node.core.users._database.writing() as connection:
            connection.execute("UPDATE sessions SET authenticated_ns = 0")
        await ann.change_password(PASSWORD, "a better password")
        await ann.login("ann", "a better password")
