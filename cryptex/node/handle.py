"""What a token or a signed key is known by inside the node: the hash in the users store, and whose table has it."""

from typing import NamedTuple

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import TOKEN_LENGTH_MAX
from cryptex.store.api_keys import is_api_key
from cryptex.store.tokens import token_hash


class Handle(NamedTuple):
    """A session, or an API key. `hash` stands for it in stores and in memory."""

    hash: bytes
    is_api_key: bool


NOBODY = Handle(b"", is_api_key=False)


def handle_of(token: str) -> Handle:
    """Return the handle of a token. Raises Refusal(unauthenticated) for what cannot be one."""
    return Handle(token_key(token), is_api_key(token))


def token_key(token: str) -> bytes:
    """Return what stands for a token in memory. Raises Refusal(unauthenticated) for what cannot be one."""
    if not 0 < len(token) <= TOKEN_LENGTH_MAX or not token.isascii():
        raise Refusal(Code.UNAUTHENTICATED, "this token is not, or is no longer, valid")
    return token_hash(token)
