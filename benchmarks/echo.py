"""The yardstick of the node and REST benchmarks: a bare echo of one order message on the node's own server stack."""

import sys

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from cryptex.protocol.requests import PlaceForm

REPLY = '{"id":1,"ok":true,"result":{"id":1,"status":"open"},"time":"2026-11-22T15:40:03.123456Z"}'
_decoder = msgspec.json.Decoder(PlaceForm)
_encoder = msgspec.json.Encoder()


async def echo(socket: WebSocket) -> None:
    """Answer every message with the same reply."""
    await socket.accept()
    try:
        while True:
            await socket.receive_text()
            await socket.send_text(REPLY)
    except WebSocketDisconnect:
        return


async def echo_order(request: Request) -> Response:
    """Decode an order and answer with it."""
    form = _decoder.decode(await request.body())
    return Response(_encoder.encode(form), 201, media_type="application/json")


app = Starlette(routes=[Route("/orders", echo_order, methods=["POST"]), WebSocketRoute("/ws", echo)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="error",
    )
