"""The node as commands see it: an answer is kept as it came, for JSON, and read as text views, for tables."""

from functools import cached_property
from typing import Final, Generic, TypeVar

import msgspec

from cryptex.client.caller import Query, RestCaller, decode_answer, decode_page, keys_of
from cryptex.client.forms import Fields
from cryptex.protocol.problems import Detail

T = TypeVar("T")

_CREATED: Final = 201
PAGE_ROWS_MAX: Final = 1000
"""Rows that a node gives at a time."""


class Answer(Generic[T]):
    """A node's answer: `data` as it came; `view` as this version understands it, read when it is first asked for."""

    def __init__(
        self, data: bytes, kind: type[T], *, changes: bool, details: dict[str, Detail], is_new: bool = False
    ) -> None:
        self.data = data
        self.is_new = is_new
        """Whether the node says that the request made something, and no earlier one that was equal."""
        self._kind = kind
        self._changes = changes
        self._details = details

    @cached_property
    def view(self) -> T:
        """The answer as its view. Raises CryptexError where it cannot be read."""
        return decode_answer(self.data, self._kind, changes=self._changes, details=self._details)


class Door(RestCaller):
    """Requests to one node whose numbers stay the text that they are. Raises the SDK's exceptions."""

    def read(self, path: str, kind: type[T], query: Query | None = None) -> Answer[T]:
        """Ask for something."""
        return Answer(self._read(path, query), kind, changes=False, details={})

    def read_list(self, path: str, kind: type[T], name: str, query: Query) -> Answer[T]:
        """Ask for the list `name`: page by page where `limit` is more than a node gives at a time, as one answer."""
        limit = query.get("limit")
        if not isinstance(limit, int) or limit <= PAGE_ROWS_MAX:
            return Answer(self._read(path, query), kind, changes=False, details={})
        rows: list[msgspec.Raw] = []
        following = query.get("before")
        while len(rows) < limit:
            ask = {**query, "limit": min(limit - len(rows), PAGE_ROWS_MAX), "before": following}
            page = decode_page(self._read(path, ask), name, msgspec.Raw, changes=False)
            rows += page
            following = page.next
            if following is None:
                break
        whole: dict[str, object] = {name: rows} if following is None else {name: rows, "next": following}
        return Answer(msgspec.json.encode(whole), kind, changes=False, details={})

    def send(
        self,
        method: str,
        path: str,
        kind: type[T],
        fields: Fields | None = None,
        *,
        query: Query | None = None,
        changes: bool = True,
    ) -> Answer[T]:
        """Have something done. `changes=False` says that a lost answer leaves nothing to worry about."""
        reply = self._request(method, path, fields, query=query, changes=changes)
        is_new = reply.status == _CREATED
        return Answer(reply.data, kind, changes=changes, details=keys_of(fields), is_new=is_new)
