"""The ASGI app of a node: routes and lifespan, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send

from cryptex.node.core import Core
from cryptex.node.feed import Feed
from cryptex.node.gateway import Gateway
from cryptex.node.http import http_problem
from cryptex.node.identity import Identity
from cryptex.node.rest_access import Access
from cryptex.node.rest_admin import AdminRoutes
from cryptex.node.rest_allow_lists import allow_list_routes
from cryptex.node.rest_api_keys import api_key_routes
from cryptex.node.rest_docs import docs_routes
from cryptex.node.rest_health import health_routes
from cryptex.node.rest_markets import MarketRoutes
from cryptex.node.rest_metrics import metrics_routes
from cryptex.node.rest_orders import OrderRoutes
from cryptex.node.rest_root import root_routes
from cryptex.node.rest_second_factors import second_factor_routes
from cryptex.node.rest_sessions import session_routes
from cryptex.node.rest_users import user_routes
from cryptex.node.rest_wallet import wallet_routes
from cryptex.node.rest_withdrawals import withdrawal_routes
from cryptex.node.signatures import Signatures
from cryptex.node.streams import Streams
from cryptex.node.trading import Trading
from cryptex.node.withdrawing import Withdrawing

STREAM_PATH: Final = "/ws"


class _App(Starlette):
    """Starlette, but a websocket goes to its endpoint at once: it would hold the frames of all layers for good."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket."""
        if scope["type"] == "websocket" and scope["path"] == STREAM_PATH:
            await cast(Streams, self.state.streams)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_app(core: Core) -> Starlette:
    """Return the app of a node; its lifespan starts and stops the core.

    `app.state.streams.shutdown()` says good-bye to the websockets and is for the server to call before it closes them.
    """
    gateway = Gateway(core)
    feed = Feed(core)
    trading = Trading(core, gateway)
    withdrawing = Withdrawing(trading)
    identity = Identity(core, gateway)
    signatures = Signatures(core, gateway.rates)
    access = Access(trading, identity, signatures)
    streams = Streams(trading, identity, feed, signatures)
    routes: list[BaseRoute] = [
        *OrderRoutes(access).routes(),
        WebSocketRoute(STREAM_PATH, streams),
        *wallet_routes(access),
        *withdrawal_routes(access, withdrawing),
        *allow_list_routes(access, withdrawing),
        *MarketRoutes(trading).routes(),
        *user_routes(access),
        *session_routes(access),
        *second_factor_routes(access),
        *api_key_routes(access),
        *AdminRoutes(access).routes(),
        *root_routes(),
        *health_routes(core),
        *metrics_routes(core, feed, streams),
        *docs_routes(),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await core.start(feed)
        try:
            yield
        finally:
            await streams.shutdown()
            await core.stop()

    app = _App(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: http_problem})
    app.router.redirect_slashes = False
    app.state.streams = streams
    app.state.identity = identity
    return app
