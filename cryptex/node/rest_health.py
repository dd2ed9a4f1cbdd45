"""REST: is the node up, and does it take commands."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex import __version__
from cryptex.node.core import Core
from cryptex.node.http import Query, Resource, answer
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.views import HealthView


def health_routes(core: Core) -> list[Route]:
    """Return the routes of health checks."""

    def health(status: str) -> HealthView:
        companion = core.companion
        simulation = None if companion is None else companion.simulation
        return HealthView(status, core.epoch, core.exchange.sequence, __version__, simulation)

    async def live(request: Request) -> Response:
        Query(request)
        return answer(health("live"))

    async def ready(request: Request) -> Response:
        Query(request)
        if core.failed.is_set() or not core.sequencer.accepting:
            raise Refusal(Code.UNAVAILABLE, "the node is stopping")
        return answer(health("ready"))

    return [
        Route("/health/live", Resource(GET=live)),
        Route("/health/ready", Resource(GET=ready)),
    ]
