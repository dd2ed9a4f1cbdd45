"""Who may come in: whoever has the one-time token of the address, and afterwards the cookie that it was changed for.

Pure. Other web pages in the same browser can send requests here too, so each must name this very host, and come from
this page or from the address bar.
"""

import secrets
from enum import Enum
from hmac import compare_digest
from typing import Final, NamedTuple

SECRET_BYTES: Final = 32
_OWN_WAYS: Final = ("none", "same-origin")
"""How a browser says (Sec-Fetch-Site) that nobody else's page had it ask."""


class Verdict(Enum):
    """What a request gets."""

    PASS = "pass"  # noqa: S105 (no password)
    ADMIT = "admit"
    """The cookie: the token was right, for the first time."""
    REFUSE = "refuse"


class Request(NamedTuple):
    """What counts of a request. `is_socket` when it wants to become a websocket."""

    host: str
    origin: str | None = None
    fetch_site: str | None = None
    token: str | None = None
    cookie: str | None = None
    is_socket: bool = False


class Gate:
    """One browser's way in. The token works once; the cookie as long as this server runs."""

    def __init__(self, host: str) -> None:
        self.host = host
        """Host and port, as in the address."""
        self.origin = f"http://{host}"
        self.token = secrets.token_urlsafe(SECRET_BYTES)
        self.cookie = secrets.token_urlsafe(SECRET_BYTES)
        self._is_used = False

    @property
    def address(self) -> str:
        """The address to open, once."""
        return f"{self.origin}/?token={self.token}"

    @property
    def cookie_name(self) -> str:
        """A name of its own for each port: browsers do not keep cookies of ports apart."""
        return f"cryptex-{self.host.rpartition(':')[2]}"

    def judge(self, request: Request) -> Verdict:
        """Return what a request gets; a token that was right is used up."""
        if request.host.lower() != self.host or request.fetch_site not in (None, *_OWN_WAYS):
            return Verdict.REFUSE
        if request.origin != self.origin and (request.is_socket or request.origin is not None):
            return Verdict.REFUSE
        if request.cookie is not None and _is(request.cookie, self.cookie):
            return Verdict.PASS
        if request.token is None or self._is_used or request.is_socket or not _is(request.token, self.token):
            return Verdict.REFUSE
        self._is_used = True
        return Verdict.ADMIT


def _is(given: str, secret: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode("ascii"))
