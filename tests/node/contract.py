"""Both documents as judges: every message between a test and its node is held against them."""

import json
import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.protocols import Validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cryptex.node import asyncapi, openapi

PROBLEM = "application/problem+json"


class Contract:
    """The documents, made strict: an answer may hold nothing that its schema does not name.

    `seen` holds the operations, methods and channels that were met with success; `faults` what was wrong.
    """

    def __init__(self) -> None:
        self.rest = _strict(json.loads(openapi.openapi_document()))
        self.stream = _strict(json.loads(asyncapi.asyncapi_document()))
        self.seen: set[str] = set()
        self.faults: list[str] = []
        self._validators: dict[str, Validator] = {}
        self._paths = sorted(
            [(re.compile(_pattern(path)), path) for path in self.rest["paths"]], key=lambda each: each[1].count("{")
        )

    def http(self, scope: Scope, asked: bytes, status: int, kind: str, answered: bytes) -> None:
        """Check one request and its response."""
        operation = self._operation(scope["method"], unquote(scope["raw_path"].decode("latin-1")))
        if operation is None:
            return
        name = operation["operationId"]
        response = operation["responses"].get(str(status))
        if response is None:
            self.faults.append(f"{name} answers {status}: {answered[:200]!r}")
            return
        content = response.get("content", {})
        if not content:
            self._expect(not answered, f"{name} answers {status} with a body")
        elif kind not in content:
            self.faults.append(f"{name} answers {status} as {kind}")
        elif "json" in kind:
            self._check(f"{name} {status}", Draft202012Validator, self.rest, content[kind]["schema"], answered)
        if status < 400:
            self.seen.add(name)
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                self._check(f"{name} request", Draft202012Validator, self.rest, schema, asked)

    def message(self, name: str, data: bytes | str) -> None:
        """Check a message of the websocket."""
        found = self.stream["components"]["messages"].get(name)
        if found is None:
            self.faults.append(f"the websocket says {name}, which is no message")
            return
        self.seen.add(name)
        self._check(name, Draft7Validator, self.stream, found["payload"], data)

    def refusal(self, method: str, code: str) -> None:
        """Check that a method may be refused like this."""
        operation = self.stream["operations"].get(method)
        if operation is not None:
            self._expect(code in operation["x-codes"], f"{method} is refused as {code}")

    def _operation(self, method: str, path: str) -> Any:
        for pattern, template in self._paths:
            if pattern.fullmatch(path):
                return self.rest["paths"][template].get(method.lower()) if method.isupper() else None
        return None

    def _check(self, where: str, kind: type[Any], document: Any, schema: Any, data: bytes | str) -> None:
        if where not in self._validators:
            whole = {"components": {"schemas": document["components"]["schemas"]}, "allOf": [schema]}
            self._validators[where] = kind(whole, format_checker=kind.FORMAT_CHECKER)
        error = next(self._validators[where].iter_errors(json.loads(data)), None)
        if error is not None:
            self.faults.append(f"{where}: {error.json_path}: {error.message[:300]} in {data[:500]!r}")

    def _expect(self, true: bool, fault: str) -> None:
        if not true:
            self.faults.append(fault)


@cache
def contract() -> Contract:
    """Return the contract that all tests of this process share."""
    return Contract()


class Judged:
    """An app whose traffic is held against the contract."""

    def __init__(self, app: ASGIApp, contract: Contract) -> None:
        self._app = app
        self._contract = contract

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on and look at it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, answered, start = bytearray(), bytearray(), {}

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            start.update(message if message["type"] == "http.response.start" else {})
            answered.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, say)
        headers = dict(start["headers"])
        kind = headers.get(b"content-type", b"").decode()
        self._contract.http(scope, bytes(asked), start["status"], kind, bytes(answered))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked: dict[object, list[tuple[str, Any]]] = {}

        async def hear() -> Message:
            message = await receive()
            data = message.get("text") or message.get("bytes")
            request = _parsed(data)
            if isinstance(request, dict):
                asked.setdefault(_key(request.get("id")), []).append((str(request.get("method")), data))
            return message

        async def say(message: Message) -> None:
            if message["type"] == "websocket.send":
                self._said(json.loads(message["text"]), message["text"], asked)
            await send(message)

        await self._app(scope, hear, say)

    def _said(self, message: Any, text: str, asked: dict[object, list[tuple[str, Any]]]) -> None:
        if "channel" in message:
            self._contract.message(message["channel"], text)
            return
        same_id = asked.get(_key(message["id"]), [])
        method, request = same_id.pop(0) if same_id else ("", None)
        if not message["ok"]:
            self._contract.message("error", text)
            self._contract.refusal(method, message["error"]["code"])
        elif not same_id:  # else which of them is answered is not known
            self._contract.message(method, request)
            self._contract.message(f"{method}.reply", text)


def _pattern(path: str) -> str:
    path = re.escape(path).replace(r"\{market\}", ".+").replace(r"\{client_order_id\}", ".+")
    return re.sub(r"\\\{\w+\\\}", "[^/]+", path)


def _parsed(data: Any) -> Any:
    try:
        return json.loads(data)
    except (TypeError, ValueError, RecursionError):
        return None


def _key(request_id: object) -> object:
    return request_id if isinstance(request_id, int | str) else None


def _strict(document: Any) -> Any:
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and name != "ProblemView":
            schema.setdefault("additionalProperties", False)
    return document
