"""The node as commands see it: an answer is kept as it came, for JSON, and read as text views, for tables."""

from functools import cached_property
from typing import Generic, TypeVar

from cryptex.client.caller import Query, RestCaller, decode_answer, keys_of
from cryptex.client.forms import Fields
from cryptex.protocol.problems import Detail

T = TypeVar("T")


class Answer(Generic[T]):
    """A node's answer: `data` as it came; `view` as this version understands it, read when it is first asked for."""

    def __init__(self, data: bytes, kind: type[T], *, changes: bool, details: dict[str, Detail]) -> None:
        self.data = data
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
        return Answer(self._request("GET", path, query=query), kind, changes=False, details={})

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
        data = self._request(method, path, fields, query=query, changes=changes)
        return Answer(data, kind, changes=changes, details=keys_of(fields))
