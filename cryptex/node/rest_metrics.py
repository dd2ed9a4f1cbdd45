"""REST: the node's figures for Prometheus. They name no account, so everybody may read them."""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.core import Core
from cryptex.node.feed import Feed
from cryptex.node.http import Query, Resource
from cryptex.node.metrics import Counts
from cryptex.node.streams import Streams


def metrics_routes(core: Core, feed: Feed, streams: Streams) -> list[Route]:
    """Return the route of the metrics, and let them ask the edge and the core for what these know."""
    metrics = core.metrics
    metrics.gauge("cryptex_connections", "open websockets", lambda: len(streams))
    metrics.gauge("cryptex_subscriptions", "subscriptions of all websockets", lambda: feed.subscriptions)
    metrics.count("cryptex_slow_consumers", "what was done to slow consumers", ("action",), lambda: _slow(feed))
    metrics.gauge("cryptex_inbox_commands", "commands that wait for a batch", lambda: core.sequencer.waiting)
    metrics.gauge("cryptex_sequence", "sequence of the last command", lambda: core.exchange.sequence)
    metrics.gauge("cryptex_epoch", "how often a node has started on this log", lambda: core.epoch)
    metrics.gauge("cryptex_projector_lag_sequences", "how far history is behind", lambda: _lag(core))

    async def read(request: Request) -> Response:
        Query(request)
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/metrics", Resource(GET=read))]


def _lag(core: Core) -> int:
    return max(0, core.exchange.sequence - core.projection.cursor)


def _slow(feed: Feed) -> Counts:
    slowness = feed.slowness
    return {
        ("resync",): slowness.resyncs,
        ("drop",): slowness.dropped_messages,
        ("close",): slowness.closed_connections,
    }
