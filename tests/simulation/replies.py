"""Replies held against the log: each is that of one command in it; nothing is lost, and nothing done twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from cryptex.protocol import commands as c
from cryptex.protocol.problems import Code
from cryptex.protocol.times import time_text
from tests.simulation.fingerprints import Fingerprint, Fingerprints, of_command
from tests.simulation.forms import POISON
from tests.simulation.heard import order_fields, same_funds
from tests.simulation.model import Done, Model
from tests.simulation.record import Asked, Record

DENIALS = frozenset({"unknown_market", "tick_size", "lot_size", "invalid_request"})
"""What the gateway may say without a word in the log."""

HTTP_OK = 200
"""What a transfer is answered with that was made before."""

REPEATED_TRANSFER = "transfer repeated"

NOTHING_TO_CANCEL = {f"error {Code.WITHDRAWAL_DECIDED}", f"error {Code.UNKNOWN_WITHDRAWAL}"}
WITHDRAWAL_FIELDS = ("id", "asset", "amount", "address", "reference", "status", "reason")
ALIVE = frozenset({"requested", "approved", "broadcast"})

READS = frozenset(
    {
        "login",
        "subscribe",
        "unsubscribe",
        "ping",
        "order.get",
        "orders.open",
        "wallet.balances",
        "withdrawals",
        "addresses",
    }
)
DECISIONS = frozenset({"approve", "reject"})
DENIED_DECISIONS = frozenset({"reauthentication_required", "forbidden", "unauthorized"})
"""What an admin may be told before anybody looks at the withdrawal: a role or a login has its time."""


class Replies:
    """Matches replies with commands, each of which answers one request."""

    def __init__(self, record: Record, model: Model) -> None:
        self._record = record
        self._model = model
        self._fingerprints = Fingerprints(model)
        self._left: dict[Fingerprint, Counter[str]] = defaultdict(Counter)
        """What commands came to whose replies are not found yet."""
        self._transferred: set[Fingerprint] = set()
        """Transfers that the log has: a withdrawal that is asked for again is answered without another command."""
        self._unknown: Counter[Fingerprint] = Counter()
        """Requests that may or may not be in the log."""

    def check(self) -> None:
        """Go through all requests, then see what the log has beyond them."""
        for done in self._model.done:
            fingerprint = of_command(done.command)
            if fingerprint is not None:
                outcome = self._outcome(done)
                self._left[fingerprint][outcome] += 1
                if outcome.startswith("transfer ") and outcome != REPEATED_TRANSFER:
                    self._transferred.add(fingerprint)
        for asked in self._record.requests:
            if asked.code == Code.INTERNAL_ERROR:
                assert asked.params.get("client_order_id", "").startswith(POISON), f"{asked!r}"
            elif asked.method in READS:
                self._check_read(asked)
            elif not asked.never_sent:
                self._check_one(asked)
        for fingerprint, left in self._left.items():
            doubled = left.total() - self._unknown[fingerprint]
            assert doubled <= 0, f"{fingerprint} was done {doubled} times more than it was asked: {dict(left)}"

    def _check_one(self, asked: Asked) -> None:
        if _is_spoiled(asked):
            denied = asked.code in DENIALS or asked.code == "unavailable"  # where the node ends just now
            assert asked.is_unknown or denied, f"{asked!r} should have been denied"
            return
        fingerprints = self._fingerprints.of_request(asked)
        if asked.is_unknown:
            self._unknown.update(fingerprints)
        elif asked.code == "unavailable":  # nothing was changed; what only repeats may be in the log all the same
            for each in fingerprints:
                self._unknown[each] += any(_changes_nothing(outcome) for outcome in self._left[each])
        elif not fingerprints:
            assert asked.code == "unknown_order", f"no such order: {asked!r}"
        elif not (
            any(self._take(self._left[each], _told(asked)) for each in fingerprints)
            or (asked.method in DECISIONS and self._is_denied(asked))
            or any(self._may_be_denied(asked, each) for each in fingerprints)
            or self._is_known(asked, fingerprints)
        ):
            said = f"{asked!r}\n{_told(asked)}\nthe log has {[dict(+self._left[each]) for each in fingerprints]}"
            raise AssertionError(f"acknowledged, and not in the log like that: {said}")

    @staticmethod
    def _take(left: Counter[str], outcome: str) -> bool:
        if left[outcome] <= 0:
            return False
        left[outcome] -= 1
        return True

    def _may_be_denied(self, asked: Asked, fingerprint: Fingerprint) -> bool:
        """Whether this may be said of a request that is not in the log, or that came before the order it names."""
        is_amend = asked.method == "order.amend"
        if asked.code == Code.INVALID_REQUEST:  # a price of no use to the order, or an expiry that has passed
            return is_amend or "expires_at" in asked.params
        if asked.code == Code.WITHDRAWAL_DECIDED:  # one that was not there for the command, and is for the answer
            is_own = self._is_own_withdrawal(asked.account_id, asked.params["id"])
            return is_own and self._take(self._left[fingerprint], f"error {Code.UNKNOWN_WITHDRAWAL}")
        if asked.code not in (Code.NOT_OPEN, Code.UNKNOWN_ORDER):
            return False
        order = self._model.oracle.orders.get(fingerprint[2])
        is_own = order is not None and order.account == asked.account_id
        if asked.code == Code.UNKNOWN_ORDER:  # one that may not have been there yet, by its id or by its key
            is_later = is_own and self._model.orders[fingerprint[2]][0][0] > asked.known
            return is_later if "client_order_id" in asked.params else is_amend and (is_later or not is_own)
        has_ended = order is not None and is_own and not order.is_open and _told(asked) == self._fate(order.id)
        return has_ended and (is_amend or self._take(self._left[fingerprint], "error unknown_order"))

    def _is_denied(self, asked: Asked) -> bool:
        """Whether a decision on a withdrawal may have been denied like that: most are, without a word in the log."""
        if asked.code in DENIED_DECISIONS:
            return True
        versions = self._model.withdrawals.get(asked.params["id"], [])
        states = {fields["status"] for _, fields in versions}
        if asked.code == Code.UNKNOWN_WITHDRAWAL:  # not yet, or no more
            return not versions or versions[0][0] > asked.known or not states <= ALIVE
        return asked.code == Code.WITHDRAWAL_DECIDED and bool(states & (ALIVE - {"requested"}))

    def _is_known(self, asked: Asked, fingerprints: Iterable[Fingerprint]) -> bool:
        """Whether it repeats a withdrawal that the log has: such a request is answered without a command."""
        repeats = asked.method == "withdraw" and _told(asked) == REPEATED_TRANSFER
        return repeats and any(each in self._transferred for each in fingerprints)

    def _outcome(self, done: Done) -> str:
        """Return the reply that a command must have been given."""
        word, command = done.answer[0], done.command
        if isinstance(command, c.CancelOrder | c.AmendOrder) and done.answer == ("refused", Code.UNKNOWN_ORDER):
            return "error unknown_order" if done.order is None else self._fate(command.order_id)
        if word == "rejected":
            return f"error {done.answer[1]} order {(done.order or {})['id']}"
        if isinstance(command, c.CancelWithdrawal) and done.answer == ("refused", Code.UNKNOWN_WITHDRAWAL):
            number = command.withdrawal_id
            was_there = self._model.requested.get(number, done.sequence) < done.sequence
            is_own = was_there and self._is_own_withdrawal(command.account_id, number)
            return f"error {Code.WITHDRAWAL_DECIDED if is_own else Code.UNKNOWN_WITHDRAWAL}"
        if word == "refused":
            return f"error {done.answer[1]}"
        match command:
            case c.PlaceOrder() | c.CancelOrder() | c.AmendOrder():
                return f"order {done.order} {'repeated' if word == 'repeated' else ''}"
            case c.CancelAll():
                return f"canceled {[int(number) for number in done.answer[1:]]}"
            case c.CancelAfter():
                return f"fires {time_text(done.time_ns + command.duration_ns) if command.duration_ns else None}"
            case c.CancelOnDisconnect():
                return f"enabled {command.enabled}"
            case c.Deposit() | c.RequestWithdrawal() if "repeated" in done.answer:
                return REPEATED_TRANSFER
            case c.Deposit() | c.RequestWithdrawal():
                available = self._model.oracle.assets[command.asset].text(done.available)
                return f"transfer {done.sequence} {available}"
            case c.CancelWithdrawal() | c.ApproveWithdrawal() | c.RejectWithdrawal():
                return f"withdrawal {command.withdrawal_id} {done.answer[2]}"
            case _:
                raise TypeError(command)

    def _is_own_withdrawal(self, account_id: int, withdrawal_id: int) -> bool:
        versions = self._model.withdrawals.get(withdrawal_id)
        return versions is not None and versions[0][1]["user_id"] == account_id

    def _fate(self, order_id: int) -> str:
        """Return how an order ended, as is said to who wants to change it."""
        order = self._model.oracle.orders[order_id]
        return f"ended {order.status.value} {order.reason.value if order.reason else None}"

    def _check_read(self, asked: Asked) -> None:
        """What was read is what stood at some time."""
        if not asked.ok:
            known = ("unknown_order", "unavailable", "outcome_unknown", "")
            assert asked.code in known or asked.method == "order.get", f"{asked!r}"
            return
        model, result = self._model, asked.result
        for order in [result] if asked.method == "order.get" else result.get("orders", ()):
            versions = [fields for _, fields in model.orders.get(order["id"], ())]
            assert order_fields(order) in versions, f"{asked!r} was never so: {versions}"
        if asked.method == "wallet.balances":
            versions = [fields for _, fields in model.balances.get(asked.account_id, ())]
            told = {line["asset"]: line for line in result["balances"]}
            assert any(same_funds(told, fields) for fields in versions), f"{asked!r} was never so"
        if asked.method == "withdrawals":
            self._check_withdrawals(asked)

    def _check_withdrawals(self, asked: Asked) -> None:
        """Each stood so at some time, is its reader's own, and none that the reader knew of is left out."""
        told = {one["id"]: one for one in asked.result["withdrawals"]}
        for number, one in told.items():
            versions = [fields for _, fields in self._model.withdrawals.get(number, ())]
            seen = {"user_id": asked.account_id, **{name: one[name] for name in WITHDRAWAL_FIELDS}}
            assert seen in versions, f"{asked!r}: {seen} was never so: {versions}"
        for number, known in self._model.withdrawals.items():
            first, fields = known[0]
            if first <= asked.known and fields["user_id"] == asked.account_id:
                assert number in told, f"{asked!r} leaves out {fields}"


def _changes_nothing(outcome: str) -> bool:
    """Whether a command with this outcome may be in the log though its sender was told that nothing was changed."""
    return "repeated" in outcome or outcome in NOTHING_TO_CANCEL


def _is_spoiled(asked: Asked) -> bool:
    """Whether a form is one that the gateway must deny."""
    params = asked.params
    if asked.method != "order.place":
        return False
    spoiled = params["market"].startswith("DOGE") or "surprise" in params
    return spoiled or params.get("size") == "0.0123456" or params.get("price") == "100.123456"


def _told(asked: Asked) -> str:
    """Return the reply that a client was given, in the words of `_outcome`."""
    result, method = asked.result, asked.method
    if not asked.ok:
        details = result.get("details", result)
        if asked.code == Code.NOT_OPEN:
            return f"ended {details['order_status']} {details['reason']}"
        if method == "order.place" and "order_id" in details and asked.code != Code.CLIENT_ORDER_ID_CONFLICT:
            return f"error {asked.code} order {details['order_id']}"
        return f"error {asked.code}"
    if method in ("order.place", "order.cancel", "order.amend"):
        return f"order {order_fields(result)} {'repeated' if result.get('duplicate') else ''}"
    if method == "order.cancel_all":
        return f"canceled {result['canceled']}"
    if method == "cancel_after":
        return f"fires {result['fires_at']}"
    if method == "cancel_on_disconnect":
        return f"enabled {result['enabled']}"
    if method in DECISIONS or method == "withdrawal.cancel":
        return f"withdrawal {result['id']} {result['status']}"
    [line, *_] = result["postings"]
    return REPEATED_TRANSFER if asked.status == HTTP_OK else f"transfer {result['sequence']} {line['balance']}"
