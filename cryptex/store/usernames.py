"""What a username and an email may be."""

import re
from typing import Final

from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.requests import EMAIL_LENGTH_MAX

_USERNAME: Final = re.compile(r"[a-z0-9_.-]{3,32}\Z")
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f\ud800-\udfff]+@[^\s@\x00-\x1f\x7f\ud800-\udfff]+\Z")


def fold_username(username: str) -> str:
    """Return the username as it is stored. Raises Refusal(invalid_request)."""
    folded = username.lower()
    # Only ASCII is folded: lower() also turns the Kelvin sign into k, and two names that look alike into one.
    if not username.isascii() or _USERNAME.match(folded) is None:
        raise Refusal(Code.INVALID_REQUEST, "a username has 3 to 32 of a-z 0-9 _ - .", field="username")
    return folded


def check_email(email: str | None) -> None:
    """Raise Refusal(invalid_request) for what can not be an address; whether it is one only a mail would tell."""
    if email is not None and (len(email) > EMAIL_LENGTH_MAX or _EMAIL.match(email) is None):
        raise Refusal(Code.INVALID_REQUEST, "this is not an email address", field="email")
