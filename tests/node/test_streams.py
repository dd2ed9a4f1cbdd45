import asyncio
from pathlib import Path

from cryptex.node.settings_file import LimitSettings
from tests.node.asgi import Socket
from tests.node.edge import Edge, edge, limit


async def denied(node: Edge, headers: dict[str, str]) -> int:
    """Return the status of a handshake that must fail."""
    socket = Socket(node.app, headers)
    event = await socket.event()
    await socket.task
    if event["type"] == "websocket.close":  # a server answers 403 to a close before the accept
        return 403
    assert event["type"] == "websocket.http.response.start", event
    return int(event["status"])


async def accepted(node: Edge, headers: dict[str, str]) -> None:
    socket = Socket(node.app, headers)
    assert (await socket.event())["type"] == "websocket.accept"
    await socket.close()


async def test_pages_of_other_origins_are_refused(node: Edge) -> None:
    for origin in ("http://evil.example", "null", "", "http://127.0.0.1:7071", "http://[bad"):
        assert await denied(node, {"origin": origin}) == 403, origin


async def test_programs_and_pages_of_this_host_are_let_in(node: Edge) -> None:
    await accepted(node, {})
    await accepted(node, {"origin": "http://127.0.0.1:7070"})
    await accepted(node, {"origin": "https://Node.Example", "host": "node.example"})


async def test_websockets_are_bounded(tmp_path: Path) -> None:
    limits = LimitSettings(connections=1)
    async with edge(tmp_path, limits=limits) as node:
        async with node.socket():
            assert await denied(node, {}) == 503
        await accepted(node, {})


async def test_requests_under_way_are_answered_before_a_planned_stop(node: Edge) -> None:
    _, token = await node.user("ann")
    async with node.socket(token) as socket:
        placed = socket.start("order.place", **limit("BTC-USDT", "buy", "1", "100"))
        async with node.socket() as other:  # a turn later the node has read it
            await other.call("ping")
        stopping = asyncio.ensure_future(node.app.state.streams.shutdown())
        assert (await socket.reply(placed))["result"]["status"] == "open"
        assert await socket.closed() == 1001
        await stopping


async def test_a_planned_stop_is_announced(node: Edge) -> None:
    async with node.socket() as socket:
        await socket.call("ping")
        await node.app.state.streams.shutdown()
        assert await socket.message() == {"channel": "status", "type": "shutdown"}
        assert await socket.closed() == 1001
        assert await denied(node, {}) == 503
    assert len(node.app.state.streams) == 0
