"""The yardstick of the node benchmark: a bare echo of one order message on the node's own server stack."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

REPLY = '{"id":1,"ok":true,"result":{"id":1,"status":"open"},"time":"2026-11-22T15:40:03.123456Z"}'


async def echo(socket: WebSocket) -> None:
    """Answer every message with the same reply."""
    await socket.accept()
    try:
        while True:
            await socket.receive_text()
            await socket.send_text(REPLY)
    except WebSocketDisconnect:
        return


app = Starlette(routes=[WebSocketRoute("/ws", echo)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="error",
    )
