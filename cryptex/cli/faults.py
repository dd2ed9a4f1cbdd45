"""What a command can end with: a problem of the exchange, or a mistake made before it was asked, as one value."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Final

from cryptex.cli.environment import NODE_VARIABLE, TOKEN_VARIABLE
from cryptex.client.errors import CryptexError, NodeUnreachableError
from cryptex.protocol.problems import CATALOGUE, Code, Detail, Entry, ExitCode, Problem, Refusal

USAGE_CODE: Final = "usage"
INTERRUPTED_CODE: Final = "interrupted"
OUTPUT_CODE: Final = "output"
SYSTEM_CODE: Final = "system"

_OTHER_NODE: Final = "Is this a cryptex node, and of this version? `cryptex node status` asks it."
_SUGGESTIONS: Final = {
    Code.UNKNOWN_MARKET: "`cryptex markets` lists what is traded.",
    Code.UNKNOWN_ASSET: "`cryptex wallet` lists what can be held.",
    Code.UNKNOWN_ORDER: "`cryptex orders --all` lists your orders.",
    Code.UNKNOWN_API_KEY: "`cryptex keys list` lists your keys.",
    Code.UNKNOWN_SESSION: "`cryptex sessions list` lists your logins.",
    Code.UNKNOWN_WITHDRAWAL: "`cryptex wallet withdrawals` lists yours.",
    Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED: "`cryptex wallet allow` adds it; `cryptex wallet allow-list` says from when.",
    Code.UNKNOWN_ADDRESS: "`cryptex wallet allow-list` lists yours.",
    Code.UNKNOWN_USER: "`cryptex admin users` lists users.",
    Code.SECOND_FACTOR_ENABLED: "Turn it off first: `cryptex second-factor disable`.",
    Code.SECOND_FACTOR_DISABLED: "`cryptex second-factor enable` shows a new secret; confirm a code of it.",
    Code.UNAUTHENTICATED: f"Log in with `cryptex login NAME`, or set {TOKEN_VARIABLE}.",
    Code.REAUTHENTICATION_REQUIRED: "On a terminal the password is asked for; elsewhere log in again: "
    "`cryptex login NAME --password-stdin`.",
    Code.NOT_FOUND: _OTHER_NODE,
    Code.METHOD_NOT_ALLOWED: _OTHER_NODE,
    Code.OUTCOME_UNKNOWN: "Look before you send it again: `cryptex orders`, `cryptex wallet entries`.",
}
"""Where the catalogue speaks to programs, the command line says it in commands."""

_UNREACHABLE: Final = (
    f"Start a node with `cryptex node start`, or correct --node or {NODE_VARIABLE}; nothing was changed."
)


class Fault(Exception):
    """Raised where a command cannot go on; `output` prints it and the command exits with `exit_code`."""

    def __init__(
        self,
        message: str,
        *,
        code: str = USAGE_CODE,
        suggestion: str = "",
        exit_code: ExitCode = ExitCode.USAGE,
        details: dict[str, Detail] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.suggestion = suggestion
        self.exit_code = exit_code
        self.details = details or {}

    def fields(self) -> dict[str, Detail]:
        """The problem as an object, in the shape in which REST answers it where the code is the catalogue's."""
        row = CATALOGUE.get(Code(self.code)) if self.code in _CODES else None
        standard: dict[str, Detail] = {"code": self.code, "detail": self.message, "suggestion": self.suggestion}
        if row is not None:
            known: dict[str, Detail] = {"type": f"/docs/errors#{self.code}", "title": row.title, "status": row.status}
            standard = {**known, **standard, "retryable": row.retryable}
        return {**standard, **{name: value for name, value in self.details.items() if name not in standard}}


_CODES: Final = frozenset(code.value for code in Code)


@contextmanager
def refused(suggestion: str = "") -> Iterator[None]:
    """Turn what is refused in this process, without a node, into a fault; `suggestion` replaces the catalogue's."""
    try:
        yield
    except Refusal as refusal:
        raise Fault(
            refusal.message,
            code=refusal.code.value,
            suggestion=suggestion or CATALOGUE[refusal.code].suggestion,
            exit_code=ExitCode.REFUSED,
            details=refusal.details,
        ) from None


@contextmanager
def advised(advice: Mapping[Code, str]) -> Iterator[None]:
    """Say in a command's own words what to do, where the node refuses with one of these codes. Raises Fault."""
    try:
        yield
    except CryptexError as error:
        if error.code is None or error.code not in advice:
            raise
        fault = fault_of(error)
        fault.suggestion = advice[error.code]
        raise fault from None


def fault_of(error: CryptexError) -> Fault:
    """Return the fault for what the SDK raised."""
    exit_code = Entry("", "", 0, error.family).exit_code
    if error.problem is None:
        return Fault(str(error), code=error.family.value, exit_code=exit_code)
    problem = error.problem
    message = problem.message
    if problem.code is Code.REFERENCE_CONFLICT:  # what was asked for now may be of the other kind
        message = message.replace(" for another ", " for an earlier ")
    return Fault(
        message,
        code=problem.code.value,
        suggestion=_UNREACHABLE if isinstance(error, NodeUnreachableError) else _suggestion(problem),
        exit_code=CATALOGUE[problem.code].exit_code,
        details=problem.details,
    )


def _suggestion(problem: Problem) -> str:
    """Return what to do, in commands and with what the problem's details say."""
    if problem.code is Code.UNAUTHENTICATED and os.environ.get(TOKEN_VARIABLE):
        return f"It is that of {TOKEN_VARIABLE}, which wins over every login: unset it, or give it another."
    if problem.code is Code.RATE_LIMITED and "retry_after" in problem.details:
        return f"Wait {problem.details['retry_after']} s, then try again."
    if problem.suggestion != CATALOGUE[problem.code].suggestion:  # the SDK's own, more exact words
        return problem.suggestion
    if problem.code is Code.WITHDRAWAL_LIMIT:
        return _room(problem.details, problem.suggestion)
    return _SUGGESTIONS.get(problem.code, problem.suggestion)


def _room(details: dict[str, Detail], otherwise: str) -> str:
    """Return how much may be withdrawn now, and when as much as was asked for."""
    try:
        left = max(Decimal(str(details["limit"])) - Decimal(str(details["used"])), Decimal(0))
        room_at = details["room_at"]
    except (KeyError, ArithmeticError):  # a node of another version
        return otherwise
    when = "It is more than may leave in any 24 hours" if room_at is None else f"So much may leave from {room_at} on"
    return f"{when}; now {left:f} {details.get('asset', '')} may."
