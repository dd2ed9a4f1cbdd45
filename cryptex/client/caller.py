"""REST requests in terms of models: paths and fields go out, typed values come back."""

from collections.abc import Mapping
from time import sleep
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from cryptex.client.errors import (
    CryptexError,
    NodeUnreachableError,
    UnavailableError,
    invalid_request,
    outcome_unknown,
)
from cryptex.client.forms import Fields
from cryptex.client.models import Page
from cryptex.client.signing import Signer, show, signer_of
from cryptex.client.transport import Reply, Transport, split_url
from cryptex.protocol.codec import encode_json
from cryptex.protocol.market import market_symbol
from cryptex.protocol.problems import Code, Detail

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

T = TypeVar("T")

NODE_URL_DEFAULT: Final = "http://127.0.0.1:7070"
REQUEST_TIMEOUT_S: Final = 10.0

READ_WAITS_S: Final = (0.1, 0.5, 1.0, 2.0)
"""How long to wait before something that the node could not give yet is asked for again."""

_HEALTH: Final = "/health/"
"""Paths that say whether the node can answer: asking again would hide that it can not."""

_KEYS: Final = ("client_order_id", "reference")
"""The fields by which one can ask later what became of a request."""

Query = dict[str, str | int | None]
"""The query of a path; None leaves a name out."""


class RestCaller:
    """Base of RestClient: how a request is made. `token` is sent with each request when it is set.

    `trust` is the fingerprint of the node, where it is an https one that is not known here (see `client.trust`). Raises
    InvalidRequestError for one with an address of plain http, which nothing would hold to it.
    """

    def __init__(
        self,
        url: str = NODE_URL_DEFAULT,
        token: str | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
        *,
        trust: "NodeTrust | str | None" = None,
    ) -> None:
        self.url = url
        self.token = token
        self.trust = _trust_of(url, trust)
        """What judges the node; None for plain http."""
        self._transport = Transport(url, timeout_s, trust=self.trust)

    @property
    def token(self) -> str | None:
        """What shows who asks: the token of a login, or an API key. A key that signs is never sent."""
        return self._token

    @token.setter
    def token(self, token: str | None) -> None:
        self._signer: Signer | None = signer_of(token) if token else None
        self._token = token

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}, {'with' if self.token else 'without'} token)"

    def _get(self, path: str, model: type[T], query: Query | None = None) -> T:
        return decode_answer(self._read(path, query), model, changes=False)

    def _list(self, path: str, name: str, model: type[T], query: Query | None = None) -> Page[T]:
        return decode_page(self._read(path, query), name, model, changes=False)

    def _send(self, method: str, path: str, model: type[T], fields: Fields | None, *, changes: bool = True) -> T:
        data = self._request(method, path, fields, changes=changes).data
        return decode_answer(data, model, changes=changes, details=keys_of(fields))

    def _read(self, path: str, query: Query | None = None) -> bytes:
        """Ask for something, and again a few times while the node is not up to it: reading twice changes nothing."""
        for wait_s in () if path.startswith(_HEALTH) else READ_WAITS_S:
            try:
                return self._request("GET", path, query=query).data
            except UnavailableError as error:
                if error.code is not Code.UNAVAILABLE or isinstance(error, NodeUnreachableError):
                    raise
                sleep(wait_s)
        return self._request("GET", path, query=query).data

    def _request(
        self,
        method: str,
        path: str,
        fields: Fields | None = None,
        *,
        query: Query | None = None,
        changes: bool = False,
    ) -> Reply:
        headers = {"Accept": "application/json"}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/json"
            body = encode_json(fields)
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        if given:
            path = f"{path}?{urlencode(given)}"
        if self._token:
            headers |= show(self._token, self._signer, method, path, body or b"")
        return self._transport.send(method, path, body, headers, changes=changes, details=keys_of(fields))


def _trust_of(url: str, trust: "NodeTrust | str | None") -> "NodeTrust | None":
    if split_url(url).scheme != "https":
        if trust:
            raise invalid_request(
                "a fingerprint is of a node that speaks TLS: its address begins with https://", "trust"
            )
        return None
    from cryptex.client.trust import trust_of  # most nodes are on this machine, and speak plain http

    return trust_of(url, trust or None)


def segment(text: str) -> str:
    """Return text as one segment of a path."""
    return quote(text, safe="")


def market_path(market: str, what: str) -> str:
    """Return the path of something of a market."""
    return f"/markets/{segment(market_symbol(market))}/{what}"


def keys_of(fields: Mapping[str, object] | None) -> dict[str, Detail]:
    """Return the fields by which one can ask what became of a request."""
    found = {name: fields.get(name) for name in _KEYS} if fields else {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def decode_answer(
    data: bytes | msgspec.Raw, model: type[T], *, changes: bool, details: dict[str, Detail] | None = None
) -> T:
    """Return an answer as its model. Raises OutcomeUnknownError or UnavailableError for one that cannot be read."""
    try:
        return msgspec.json.decode(data, type=model)
    except msgspec.DecodeError as error:
        raise _unreadable(error, changes, details) from error


def decode_page(data: bytes | msgspec.Raw, name: str, model: type[T], *, changes: bool) -> Page[T]:
    """Return the list under `name` in an answer, with its `next`."""
    fields = decode_answer(data, dict[str, msgspec.Raw], changes=changes)
    try:
        rows = msgspec.json.decode(fields[name], type=list[model])  # type: ignore[valid-type]
        following = msgspec.json.decode(fields.get("next", b"null"), type=int | str | None)
    except (KeyError, msgspec.DecodeError) as error:
        raise _unreadable(error, changes, None) from error
    return Page(rows, following)


def _unreadable(error: Exception, changes: bool, details: dict[str, Detail] | None) -> CryptexError:
    message = f"the node's answer cannot be read; is it another version? ({error})"
    return outcome_unknown(message, details) if changes else UnavailableError(message)
