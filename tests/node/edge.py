"""A whole node in this process for tests of its edge: real engine, journal, users and history; no server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import ASGIApp

from cryptex.node.app import build_app
from cryptex.node.clock import ManualClock
from cryptex.node.core import Core
from cryptex.node.follower import Follower
from cryptex.node.projection import FollowerThread
from cryptex.node.settings import load_settings
from cryptex.node.settings_file import LimitSettings
from cryptex.store.projector import Projector
from tests.node.asgi import Answer, Socket, lifespan, request, socket
from tests.node.contract import Judged, contract

PASSWORD = "correct horse"


class Edge:
    """A started node and what tests do with it."""

    def __init__(self, app: ASGIApp, core: Core, clock: ManualClock) -> None:
        self.app = app
        self.judged = Judged(app, contract())
        self.core = core
        self.clock = clock

    async def ask(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        """Return the response to a request."""
        return await request(self.judged, method, path, body, **options)

    async def get(self, path: str, token: str | None = None) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = await self.ask("GET", path, token=token)
        assert answer.status == 200, answer
        return answer.json()

    async def post(self, path: str, body: object, token: str | None = None) -> Any:
        """Return the JSON of a POST that must make something."""
        answer = await self.ask("POST", path, body, token=token)
        assert answer.status == 201, answer
        return answer.json()

    async def refused(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, str]:
        """Return status and code of a request that must be refused."""
        answer = await self.ask(method, path, body, **options)
        assert answer.headers["content-type"] == "application/problem+json", answer
        problem = answer.json()
        assert problem["status"] == answer.status
        assert problem["type"] == f"/docs/errors#{problem['code']}"
        return answer.status, problem["code"]

    async def user(self, name: str, **funds: str) -> tuple[int, str]:
        """Register and fund a user. Return id and token."""
        user = await self.post("/users", {"username": name, "password": PASSWORD})
        session = await self.post("/sessions", {"username": name, "password": PASSWORD})
        for asset, amount in funds.items():
            await self.post("/wallet/deposits", {"asset": asset, "amount": amount}, session["token"])
        return user["id"], session["token"]

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator[Socket]:
        """Open a websocket, logged in where a token is given."""
        async with socket(self.judged) as opened:
            if token is not None:
                await opened.call("login", token=token)
            yield opened


def limit(market: str, side: str, size: str, price: str, **more: object) -> dict[str, object]:
    """Return the form of a limit order."""
    return {"market": market, "side": side, "type": "limit", "size": size, "price": price, **more}


def follower_thread(data_dir: Path, database_url: str, on_cursor: Callable[[int], None]) -> FollowerThread:
    """Return a projection that runs in a thread."""
    return FollowerThread(lambda: Follower(data_dir, Projector(database_url or data_dir)), on_cursor)


@asynccontextmanager
async def edge(data_dir: Path, **changes: object) -> AsyncIterator[Edge]:
    """Start a node without rate limits in a folder. `changes` are settings.

    What is said to it and by it is held against `/openapi.json` and `/asyncapi.json`; the end of the node tells.
    """
    settings = load_settings(data_dir=data_dir)
    limits = LimitSettings(commands_per_second=0, logins_per_minute=0)
    settings = msgspec.structs.replace(settings, **{"limits": limits, **changes})
    clock = ManualClock()
    core = Core(settings, clock=clock, projection=follower_thread)
    app = build_app(core)
    faults = contract().faults
    faults.clear()
    async with lifespan(app):
        yield Edge(app, core, clock)
    assert not faults, faults
