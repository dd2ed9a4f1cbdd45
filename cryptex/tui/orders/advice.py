"""What one does in the terminal about a problem, in words. Pure."""

from typing import Final

from cryptex.protocol.problems import CATALOGUE, Code, Problem

_OTHER_NODE: Final = "Is this a cryptex node, and of this version?"
_ADVICE: Final = {
    Code.TICK_SIZE: "Round the price to the market's ticks.",
    Code.LOT_SIZE: "Round the size to the market's lots.",
    Code.MIN_NOTIONAL: "Raise the size or the price.",
    Code.WOULD_TAKE: "Move the price away from the other side, or turn post-only off.",
    Code.CLIENT_ORDER_ID_CONFLICT: "See among your orders what became of it before you place it again.",
    Code.REFERENCE_CONFLICT: "See in the ledger what became of it before you enter it again.",
    Code.UNKNOWN_MARKET: "The panel of markets lists what is traded.",
    Code.UNKNOWN_ASSET: "The wallet lists what can be held.",
    Code.UNKNOWN_ORDER: "It may have ended: the history lists those that have.",
    Code.NOT_OPEN: "Nothing to do: the history says how it ended.",
    Code.UNKNOWN_WITHDRAWAL: "`cryptex wallet withdrawals` lists yours.",
    Code.WITHDRAWAL_LIMIT: "Withdraw less, or wait until what left in the last day is a day old.",
    Code.WITHDRAWAL_ADDRESS_NOT_ALLOWED: "`cryptex wallet allow` adds it; `cryptex wallet allow-list` says from when.",
    Code.UNKNOWN_ADDRESS: "`cryptex wallet allow-list` lists yours.",
    Code.FAUCET_DISABLED: "Ask its operator to turn the faucet on.",
    Code.UNKNOWN_API_KEY: "`cryptex keys list` lists your keys.",
    Code.UNKNOWN_SESSION: "`cryptex sessions list` lists your logins.",
    Code.UNKNOWN_USER: "",
    Code.SECOND_FACTOR_REQUIRED: "Type what your authenticator shows now, or one of your recovery codes.",
    Code.SECOND_FACTOR_ENABLED: "`cryptex second-factor disable` turns it off.",
    Code.SECOND_FACTOR_DISABLED: "`cryptex second-factor enable` turns it on.",
    Code.BAD_SIGNATURE: "",
    Code.TIMESTAMP_OUT_OF_WINDOW: "Set this machine's clock right, then try again.",
    Code.REPLAYED_REQUEST: "",
    Code.UNAUTHENTICATED: "Log in again.",
    Code.REAUTHENTICATION_REQUIRED: "Log out and in again, then try it once more.",
    Code.RATE_LIMITED: "Wait a little, then try again.",
    Code.INVALID_REQUEST: "Correct it, then try again.",
    Code.UNKNOWN_SCENARIO: "",
    Code.INVALID_SCENARIO: "",
    Code.SCENARIO_NOT_LIVE: "",
    Code.NOT_FOUND: _OTHER_NODE,
    Code.METHOD_NOT_ALLOWED: _OTHER_NODE,
    Code.TOO_LARGE: "",
    Code.OUTCOME_UNKNOWN: "Look into your orders and the ledger before you send it again.",
}
"""Where the catalogue speaks to programs, the terminal says what one does here; nothing, where that is nothing."""


def advice(problem: Problem | None) -> str:
    """Return what to do about a problem as a sentence; nothing where there is nothing to say."""
    if problem is None:
        return ""
    if problem.code is Code.RATE_LIMITED and "retry_after" in problem.details:
        return f"Wait {problem.details['retry_after']} s, then try again."
    if problem.suggestion != CATALOGUE[problem.code].suggestion:
        return problem.suggestion  # the SDK's own, more exact words
    return _ADVICE.get(problem.code, problem.suggestion)
