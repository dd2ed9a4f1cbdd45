"""What the SDK raises: one class for each family of problems, so that a program handles alike what is alike."""

from typing import ClassVar, Final, NamedTuple

import msgspec

from cryptex.protocol.problems import CATALOGUE, Code, Detail, Family, Problem, problem

_STANDARD_FIELDS: Final = frozenset({"type", "title", "status", "code", "detail", "retryable", "suggestion"})
_FAMILY_OF_STATUS: Final = {
    401: Family.ACCESS,
    403: Family.ACCESS,
    404: Family.INVALID,
    405: Family.INVALID,
    413: Family.INVALID,
    429: Family.UNAVAILABLE,
    504: Family.OUTCOME_UNKNOWN,
}


class CryptexError(Exception):
    """Base of everything that the SDK raises about the exchange.

    `problem` says what happened and what to do. It is None only where the node answered something that this
    version does not know.
    """

    family: ClassVar[Family] = Family.UNAVAILABLE

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.problem = problem

    @property
    def code(self) -> Code | None:
        """The stable name of the problem."""
        return self.problem.code if self.problem else None

    @property
    def details(self) -> dict[str, Detail]:
        """What the problem names: the field, what was required and available, and so on."""
        return self.problem.details if self.problem else {}


class RefusedError(CryptexError):
    """The exchange understood the request and refused it: funds, price band, order already ended ..."""

    family = Family.REFUSED


class InvalidRequestError(CryptexError):
    """The request is wrong in itself and will be wrong again: a bad field, an unknown market, a price off the tick."""

    family = Family.INVALID


class AccessError(CryptexError):
    """Not logged in, or not allowed."""

    family = Family.ACCESS


class UntrustedNodeError(AccessError):
    """Nobody vouches for the node; nothing was sent to it."""


class Met(NamedTuple):
    """What a node showed to somebody who believes nothing yet. `certificate` is what would vouch for it, in DER."""

    fingerprint: str
    certificate: bytes


class UnknownNodeError(UntrustedNodeError):
    """The node's key is seen for the first time. `met` is what it showed: `NodeTrust.accept` believes it."""

    def __init__(self, message: str, problem: Problem, met: Met) -> None:
        super().__init__(message, problem)
        self.met = met


class ChangedNodeError(UntrustedNodeError):
    """The node shows another key (`met`) than the one that is known, or was given."""

    def __init__(self, message: str, problem: Problem, met: Met) -> None:
        super().__init__(message, problem)
        self.met = met


class UnavailableError(CryptexError):
    """The exchange could not answer and nothing was changed: try again later."""

    family = Family.UNAVAILABLE


class NodeUnreachableError(UnavailableError):
    """The node could not be reached; nothing was changed."""


class OutcomeUnknownError(CryptexError):
    """The request was sent, and it is not known whether it was done.

    Ask before sending again: `details` holds the `client_order_id` of an order, or the `reference` of a deposit.
    """

    family = Family.OUTCOME_UNKNOWN

    @property
    def client_order_id(self) -> str | None:
        """The key by which the order can be asked for, where an order was placed."""
        value = self.details.get("client_order_id")
        return value if isinstance(value, str) else None


_CLASS_OF_FAMILY: Final[dict[Family, type[CryptexError]]] = {
    Family.REFUSED: RefusedError,
    Family.INVALID: InvalidRequestError,
    Family.ACCESS: AccessError,
    Family.UNAVAILABLE: UnavailableError,
    Family.OUTCOME_UNKNOWN: OutcomeUnknownError,
}


def error_for(problem: Problem) -> CryptexError:
    """Return the exception of a problem's family."""
    return _CLASS_OF_FAMILY[CATALOGUE[problem.code].family](problem.message, problem)


def invalid_request(message: str, field: str) -> InvalidRequestError:
    """Return the error for a request that the SDK itself turns away; `field` is what to correct."""
    return InvalidRequestError(message, problem(Code.INVALID_REQUEST, message, {"field": field}))


def unreachable(message: str) -> NodeUnreachableError:
    """Return the error for a request that did not reach the node, or a read whose answer did not come back."""
    suggestion = "Is the node running, and is its address right? Nothing was changed: try again in a moment."
    return NodeUnreachableError(message, Problem(Code.UNAVAILABLE, message, True, suggestion, {}))


def unavailable(message: str) -> UnavailableError:
    """Return the error for a request that was not sent because the SDK is at one of its own limits."""
    return UnavailableError(message, problem(Code.UNAVAILABLE, message))


def outcome_unknown(message: str, details: dict[str, Detail] | None = None) -> OutcomeUnknownError:
    """Return the error for a request that was sent, and whose answer never came."""
    return OutcomeUnknownError(message, problem(Code.OUTCOME_UNKNOWN, message, details))


def with_keys(error: CryptexError, keys: dict[str, Detail] | None) -> CryptexError:
    """Return a node's outcome_unknown with what one can ask by, which the request alone has; others as they are."""
    if not keys or error.problem is None or not isinstance(error, OutcomeUnknownError):
        return error
    known = msgspec.structs.replace(error.problem, details={**keys, **error.problem.details})
    return OutcomeUnknownError(str(error), known)


class _WireProblem(msgspec.Struct):
    """A problem as the websocket sends it, of any version."""

    code: str
    message: str
    retryable: bool = False
    suggestion: str = ""
    details: dict[str, Detail] = {}


_wire_decoder: Final = msgspec.json.Decoder(_WireProblem)
_object_decoder: Final = msgspec.json.Decoder(dict[str, object])


def error_from_reply(data: bytes | msgspec.Raw) -> CryptexError:
    """Return the exception for the `error` of a websocket reply."""
    try:
        return _error(_wire_decoder.decode(data), None)
    except msgspec.DecodeError:
        return UnavailableError("the node refused the request in words that this version does not understand")


def error_from_response(status: int, data: bytes) -> CryptexError:
    """Return the exception for an HTTP answer that is not a success: problem+json, or whatever a proxy sent."""
    try:
        fields = _object_decoder.decode(data)
        wire = msgspec.convert({"message": fields.get("detail", ""), **fields}, _WireProblem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _error_of_status(status, f"the node answered HTTP {status} without a problem that can be read")
    wire.details = {
        name: value
        for name, value in fields.items()
        if name not in _STANDARD_FIELDS and (value is None or isinstance(value, str | int))
    }
    return _error(wire, status)


def _error(wire: _WireProblem, status: int | None) -> CryptexError:
    try:
        code = Code(wire.code)
    except ValueError:
        return _error_of_unknown_code(wire, status)
    return error_for(Problem(code, wire.message, wire.retryable, wire.suggestion, wire.details))


def _error_of_unknown_code(wire: _WireProblem, status: int | None) -> CryptexError:
    message = f"{wire.message} ({wire.code})"
    if status is not None:
        return _error_of_status(status, message)
    return UnavailableError(message) if wire.retryable else RefusedError(message)


def _error_of_status(status: int, message: str) -> CryptexError:
    default = Family.UNAVAILABLE if status >= 500 or status < 400 else Family.REFUSED
    return _CLASS_OF_FAMILY[_FAMILY_OF_STATUS.get(status, default)](message)
