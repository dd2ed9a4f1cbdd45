"""The error catalogue: every code a user can meet, with its meaning, what to do, HTTP status and exit code.

`docs/errors.md` is generated from it (`make errors`). Codes are stable: programs match on them, people read details.
"""

from enum import IntEnum
from typing import Final

import msgspec

from cryptex.protocol.terms import Term

Detail = str | int | bool | None
"""What a problem's details may hold."""


class ExitCode(IntEnum):
    """What the CLI exits with."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    NOT_ALLOWED = 4
    OUTCOME_UNKNOWN = 5
    INTERRUPTED = 130


class Family(Term):
    """Groups of problems that a program handles alike; the SDK has one exception class for each."""

    REFUSED = "refused"
    INVALID = "invalid"
    ACCESS = "access"
    UNAVAILABLE = "unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"


class Code(Term):
    """Stable names of problems."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    TICK_SIZE = "tick_size"
    LOT_SIZE = "lot_size"
    MIN_NOTIONAL = "min_notional"
    PRICE_OUT_OF_BAND = "price_out_of_band"
    WOULD_TAKE = "would_take"
    STOP_WOULD_TRIGGER = "stop_would_trigger"
    MARKET_HALTED = "market_halted"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    AMOUNT_TOO_LARGE = "amount_too_large"
    CLIENT_ORDER_ID_CONFLICT = "client_order_id_conflict"
    REFERENCE_CONFLICT = "reference_conflict"
    UNKNOWN_MARKET = "unknown_market"
    UNKNOWN_ASSET = "unknown_asset"
    UNKNOWN_ORDER = "unknown_order"
    NOT_OPEN = "not_open"
    UNKNOWN_WITHDRAWAL = "unknown_withdrawal"
    WITHDRAWAL_DECIDED = "withdrawal_decided"
    WITHDRAWAL_LIMIT = "withdrawal_limit"
    TOO_MANY_WITHDRAWALS = "too_many_withdrawals"
    WITHDRAWAL_ADDRESS_NOT_ALLOWED = "withdrawal_address_not_allowed"
    UNKNOWN_ADDRESS = "unknown_address"
    TOO_MANY_ADDRESSES = "too_many_addresses"
    FAUCET_DISABLED = "faucet_disabled"
    FAUCET_LIMIT = "faucet_limit"
    UNKNOWN_API_KEY = "unknown_api_key"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_USER = "unknown_user"
    TOO_MANY_API_KEYS = "too_many_api_keys"
    DUPLICATE_USER = "duplicate_user"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 (the name of a problem)
    BAD_CREDENTIALS = "bad_credentials"
    USER_DISABLED = "user_disabled"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    BAD_CODE = "bad_code"
    SECOND_FACTOR_ENABLED = "second_factor_enabled"
    SECOND_FACTOR_DISABLED = "second_factor_disabled"
    BAD_SIGNATURE = "bad_signature"
    TIMESTAMP_OUT_OF_WINDOW = "timestamp_out_of_window"
    REPLAYED_REQUEST = "replayed_request"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    UNAUTHENTICATED = "unauthenticated"
    REAUTHENTICATION_REQUIRED = "reauthentication_required"
    FORBIDDEN = "forbidden"
    NODE_UNKNOWN = "node_unknown"
    NODE_CHANGED = "node_changed"
    BAD_CERTIFICATE = "bad_certificate"
    RATE_LIMITED = "rate_limited"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_SCENARIO = "unknown_scenario"
    INVALID_SCENARIO = "invalid_scenario"
    SCENARIO_NOT_LIVE = "scenario_not_live"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    INTERNAL_ERROR = "internal_error"


class Entry(msgspec.Struct, frozen=True):
    """A row of the catalogue."""

    title: str
    suggestion: str
    status: int
    family: Family
    retryable: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """What a CLI command that meets this problem exits with."""
        return _EXIT_CODES[self.family]


_EXIT_CODES: Final = {
    Family.REFUSED: ExitCode.REFUSED,
    Family.INVALID: ExitCode.REFUSED,
    Family.ACCESS: ExitCode.NOT_ALLOWED,
    Family.UNAVAILABLE: ExitCode.UNREACHABLE,
    Family.OUTCOME_UNKNOWN: ExitCode.OUTCOME_UNKNOWN,
}

CATALOGUE: Final[dict[Code, Entry]] = {
    Code.INSUFFICIENT_FUNDS: Entry(
        "Not enough funds",
        "Lower the size, cancel an order that holds funds, or deposit.",
        422,
        Family.REFUSED,
    ),
    Code.TICK_SIZE: Entry("Price is between ticks", "Round the price to a multiple of tick_size.", 422, Family.INVALID),
    Code.LOT_SIZE: Entry("Size is between lots", "Round the size to a multiple of lot_size.", 422, Family.INVALID),
    Code.MIN_NOTIONAL: Entry(
        "Order is too small",
        "Raise the size or the price until price x size reaches min_notional.",
        422,
        Family.REFUSED,
    ),
    Code.PRICE_OUT_OF_BAND: Entry(
        "Price is too far from the market",
        "Move the price inside the market's price band.",
        422,
        Family.REFUSED,
    ),
    Code.WOULD_TAKE: Entry(
        "Post-only order would trade at once",
        "Move the price away from the other side, or drop post_only.",
        422,
        Family.REFUSED,
    ),
    Code.STOP_WOULD_TRIGGER: Entry(
        "Stop would trigger at once",
        "Put a buy stop above and a sell stop below the last price.",
        422,
        Family.REFUSED,
    ),
    Code.MARKET_HALTED: Entry(
        "Market does not accept this order now",
        "Wait for the market to open; cancels still work.",
        422,
        Family.REFUSED,
        retryable=True,
    ),
    Code.TOO_MANY_OPEN_ORDERS: Entry(
        "Too many open orders in this market", "Cancel some of your open orders first.", 422, Family.REFUSED
    ),
    Code.AMOUNT_TOO_LARGE: Entry(
        "Amount is larger than the exchange can count", "Use a smaller amount.", 422, Family.INVALID
    ),
    Code.CLIENT_ORDER_ID_CONFLICT: Entry(
        "client_order_id belongs to another order",
        "Use a new client_order_id, or repeat the first order exactly.",
        409,
        Family.REFUSED,
    ),
    Code.REFERENCE_CONFLICT: Entry(
        "Reference belongs to another deposit or withdrawal",
        "Use a new reference, or repeat the first request exactly.",
        409,
        Family.REFUSED,
    ),
    Code.UNKNOWN_MARKET: Entry("No such market", "GET /markets lists what is traded.", 404, Family.INVALID),
    Code.UNKNOWN_ASSET: Entry("No such asset", "GET /assets lists what can be held.", 404, Family.INVALID),
    Code.UNKNOWN_ORDER: Entry("No such order", "Check the id; GET /orders lists your orders.", 404, Family.REFUSED),
    Code.NOT_OPEN: Entry(
        "Order has already ended",
        "Nothing to do: its status and reason say how it ended.",
        409,
        Family.REFUSED,
    ),
    Code.UNKNOWN_WITHDRAWAL: Entry(
        "No such withdrawal", "Check the id; GET /wallet/withdrawals lists yours.", 404, Family.REFUSED
    ),
    Code.WITHDRAWAL_DECIDED: Entry(
        "Withdrawal waits for nobody's decision any more",
        "Nothing to do: its status says how far it is, or how it ended.",
        409,
        Family.REFUSED,
    ),
    Code.WITHDRAWAL_LIMIT: Entry(
        "Withdrawal is above what may leave in a day",
        "Withdraw at most limit less used now, or wait until room_at, where it is given.",
        422,
        Family.REFUSED,
    ),
    Code.TOO_MANY_WITHDRAWALS: Entry(
        "Too many withdrawals", "Wait until some are confirmed, or send larger ones.", 422, Family.REFUSED
    ),
    Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED: Entry(
        "Address is not on your allow-list, or not for long enough",
        "Add it with POST /wallet/allow_list, and wait until usable_at.",
        422,
        Family.REFUSED,
    ),
    Code.UNKNOWN_ADDRESS: Entry(
        "No such address", "Check the id; GET /wallet/allow_list lists yours.", 404, Family.REFUSED
    ),
    Code.TOO_MANY_ADDRESSES: Entry(
        "Too many addresses", "Remove one that is no longer used from your allow-list.", 422, Family.REFUSED
    ),
    Code.FAUCET_DISABLED: Entry(
        "This node gives no simulated funds", "Ask its operator to enable [faucet].", 403, Family.ACCESS
    ),
    Code.FAUCET_LIMIT: Entry(
        "Deposit is above the faucet's limit",
        "Deposit at most the named maximum at a time.",
        422,
        Family.REFUSED,
    ),
    Code.UNKNOWN_API_KEY: Entry("No such API key", "Check the id; GET /api_keys lists your keys.", 404, Family.REFUSED),
    Code.UNKNOWN_SESSION: Entry(
        "No such session", "Check the id; GET /sessions lists your logins.", 404, Family.REFUSED
    ),
    Code.UNKNOWN_USER: Entry("No such user", "Check the name; GET /admin/users lists users.", 404, Family.REFUSED),
    Code.TOO_MANY_API_KEYS: Entry("Too many API keys", "Revoke a key that is no longer used.", 422, Family.REFUSED),
    Code.DUPLICATE_USER: Entry("Username is taken", "Choose another username, or log in.", 409, Family.REFUSED),
    Code.WEAK_PASSWORD: Entry(
        "Password is not acceptable", "Use 8-128 characters, and not a common password.", 422, Family.INVALID
    ),
    Code.BAD_CREDENTIALS: Entry(
        "Username or password is wrong",
        "Check both; names are not case-sensitive, passwords are.",
        401,
        Family.ACCESS,
    ),
    Code.USER_DISABLED: Entry(
        "This user is disabled", "Ask those who run this exchange; your funds are kept.", 403, Family.ACCESS
    ),
    Code.SECOND_FACTOR_REQUIRED: Entry(
        "This login needs a code as well",
        "Send the same request with `code`: what your authenticator shows now, or one of your recovery codes.",
        401,
        Family.ACCESS,
    ),
    Code.BAD_CODE: Entry(
        "Code is not valid",
        "Wait for the next code: each counts once. See that the clock of the authenticator is right.",
        401,
        Family.ACCESS,
    ),
    Code.SECOND_FACTOR_ENABLED: Entry(
        "The second factor is on", "Turn it off first: DELETE /users/me/second_factor.", 409, Family.REFUSED
    ),
    Code.SECOND_FACTOR_DISABLED: Entry(
        "The second factor is off",
        "POST /users/me/second_factor shows a new secret; confirm a code of it within the hour.",
        409,
        Family.REFUSED,
    ),
    Code.BAD_SIGNATURE: Entry(
        "Signature is not valid",
        "Check the key's id and what is signed: docs/protocol.md shows it line by line.",
        401,
        Family.ACCESS,
    ),
    Code.TIMESTAMP_OUT_OF_WINDOW: Entry(
        "Signed too long ago, or in the future",
        "Set this machine's clock right (`age_ms` says how far it is off), and sign the request anew.",
        401,
        Family.ACCESS,
    ),
    Code.REPLAYED_REQUEST: Entry(
        "This signed request has come before",
        "Sign each request anew. If you did not send it twice, somebody else has a copy.",
        409,
        Family.REFUSED,
    ),
    Code.ADDRESS_NOT_ALLOWED: Entry(
        "This key may not be used from here",
        "Use it from one of its allowed addresses, or make another key.",
        403,
        Family.ACCESS,
    ),
    Code.UNAUTHENTICATED: Entry(
        "Not logged in",
        "Log in, then send the token: REST as `Authorization: Bearer <token>`, a websocket with login.",
        401,
        Family.ACCESS,
    ),
    Code.REAUTHENTICATION_REQUIRED: Entry(
        "This needs the password again",
        "POST /sessions/current/reauthentication with the password, or log in again; then repeat the request.",
        403,
        Family.ACCESS,
    ),
    Code.FORBIDDEN: Entry("Not allowed", "Use an account or key that may do this.", 403, Family.ACCESS),
    Code.NODE_UNKNOWN: Entry(
        "Node is not known here yet",
        "Compare its fingerprint with the node's `ready` line, then trust it: `cryptex nodes trust`.",
        403,
        Family.ACCESS,
    ),
    Code.NODE_CHANGED: Entry(
        "Node shows another key than before",
        "Ask its operator; only if the new fingerprint is the node's, `cryptex nodes forget`.",
        403,
        Family.ACCESS,
    ),
    Code.BAD_CERTIFICATE: Entry(
        "Certificate of the node is not accepted", "Tell the node's operator.", 403, Family.ACCESS
    ),
    Code.RATE_LIMITED: Entry(
        "Too many requests",
        "Wait retry_after seconds, then try again.",
        429,
        Family.UNAVAILABLE,
        retryable=True,
    ),
    Code.INVALID_REQUEST: Entry(
        "Request is not valid", "Correct the named field and send it again.", 422, Family.INVALID
    ),
    Code.UNKNOWN_SCENARIO: Entry(
        "No such scenario",
        "`cryptex sim list` names those of the house; a file is named by a path that ends in .toml.",
        404,
        Family.INVALID,
    ),
    Code.INVALID_SCENARIO: Entry(
        "Scenario is not valid",
        "Correct the named key; `cryptex sim show calm` prints one that works.",
        422,
        Family.INVALID,
    ),
    Code.SCENARIO_NOT_LIVE: Entry(
        "This scenario does not run on a node",
        "Run it with `cryptex sim run`; a node takes one of traders, such as calm.",
        422,
        Family.INVALID,
    ),
    Code.NOT_FOUND: Entry("No such page", "The docs list every path.", 404, Family.INVALID),
    Code.METHOD_NOT_ALLOWED: Entry(
        "Method not allowed here", "Use one of the methods in the Allow header.", 405, Family.INVALID
    ),
    Code.TOO_LARGE: Entry("Request is too large", "Send at most 64 KiB a message.", 413, Family.INVALID),
    Code.UNAVAILABLE: Entry(
        "The exchange cannot answer now",
        "Nothing was changed: try again in a moment.",
        503,
        Family.UNAVAILABLE,
        retryable=True,
    ),
    Code.OUTCOME_UNKNOWN: Entry(
        "It is not known whether this was done",
        "Ask for the order by its client_order_id before you send it again.",
        504,
        Family.OUTCOME_UNKNOWN,
    ),
    Code.INTERNAL_ERROR: Entry(
        "The exchange failed", "This is a fault of the exchange: tell its operator.", 500, Family.UNAVAILABLE
    ),
}


class Problem(msgspec.Struct, frozen=True):
    """A problem as users get it: the websocket's `error`; REST adds the fields of RFC 9457 (`docs/errors.md`)."""

    code: Code
    message: str
    retryable: bool
    suggestion: str
    details: dict[str, Detail]


class Refusal(Exception):
    """Raised where a request is turned away; carries its problem to the edge."""

    def __init__(self, code: Code, message: str, **details: Detail) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def problem(self) -> Problem:
        """The problem to send, completed from the catalogue."""
        return problem(self.code, self.message, self.details)


def invalid(field: str, message: str) -> Refusal:
    """Return the refusal of a field."""
    return Refusal(Code.INVALID_REQUEST, message, field=field)


def problem(code: Code, message: str, details: dict[str, Detail] | None = None) -> Problem:
    """Return a problem with what the catalogue knows about its code."""
    entry = CATALOGUE[code]
    return Problem(code, message, entry.retryable, entry.suggestion, details or {})
