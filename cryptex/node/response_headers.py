"""The headers of every HTTP answer: what a browser must not do with it. The server adds them once, to all of them."""

import hashlib
from base64 import b64encode
from typing import Final

from cryptex.node.docs_page import STYLE

HSTS_SECONDS: Final = 365 * 86_400
_CSP_REST: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def response_headers(*, is_secure: bool, is_local: bool) -> list[tuple[str, str]]:
    """Return the headers of a node: whether it speaks TLS, and whether it listens on this machine alone.

    A browser that has seen Strict-Transport-Security on `localhost` would ask every other program there for TLS too.
    """
    style = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
    headers = [
        ("Content-Security-Policy", f"default-src 'none'; style-src 'sha256-{style}'; {_CSP_REST}"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),  # what is private, and what is live: both are for this very moment
    ]
    if is_secure and not is_local:
        headers.append(("Strict-Transport-Security", f"max-age={HSTS_SECONDS}"))
    return headers
