"""REST: what stands at the root of a node, for who comes without knowing more than its address."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.http import Query, Resource, answer
from cryptex.protocol.views import RootView

_ROOT: Final = RootView(
    service="cryptex node",
    docs="/docs",
    openapi="/openapi.json",
    asyncapi="/asyncapi.json",
    websocket="/ws",
    health="/health/ready",
)
_HTML: Final = "text/html"


def root_routes() -> list[Route]:
    """Return the route of the root: a browser is sent to the page of the docs, programs get the paths as JSON."""

    async def root(request: Request) -> Response:
        Query(request)
        if _HTML in request.headers.get("accept", ""):
            return Response(status_code=303, headers={"Location": _ROOT.docs, "Vary": "Accept"})
        response = answer(_ROOT)
        response.headers["Vary"] = "Accept"
        return response

    return [Route("/", Resource(GET=root))]
