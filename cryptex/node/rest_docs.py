"""REST: the documents that describe the node, for programs and for people."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cryptex.node.asyncapi import asyncapi_document
from cryptex.node.docs_page import ERRORS_PATH, docs_page, errors_page
from cryptex.node.http import Handler, Query, Resource
from cryptex.node.openapi import openapi_document
from cryptex.node.operations_public import HTML

_PAGE_HEADERS: Final = {"Content-Type": HTML}
_JSON_HEADERS: Final = {"Content-Type": "application/json"}


def docs_routes() -> list[Route]:
    """Return the routes of the documents. Each is made when it is first asked for."""
    return [
        Route("/openapi.json", Resource(GET=_of(openapi_document, _JSON_HEADERS))),
        Route("/asyncapi.json", Resource(GET=_of(asyncapi_document, _JSON_HEADERS))),
        Route("/docs", Resource(GET=_of(docs_page, _PAGE_HEADERS))),
        Route(ERRORS_PATH, Resource(GET=_of(errors_page, _PAGE_HEADERS))),
    ]


def _of(make: Callable[[], bytes], headers: dict[str, str]) -> Handler:
    async def read(request: Request) -> Response:
        Query(request)
        return Response(make(), headers=headers)

    return read
