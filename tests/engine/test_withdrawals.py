"""Withdrawals where a picture does not reach: numbers, details, snapshots between the steps, logs of older rules."""

import base64
import hashlib
import zlib
from pathlib import Path

import msgspec
import pytest

from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import RULES_REPLAYED, dump, load, state_hash
from cryptex.engine.withdrawal_days import DAY_NS, WITHDRAWALS_A_DAY_MAX
from cryptex.engine.withdrawals import ENDED_KEPT_MAX, LIVE_WITHDRAWALS_MAX
from cryptex.protocol import commands as c
from cryptex.protocol import events as e
from cryptex.protocol.codec import decode_batch
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OUTSIDE_ACCOUNT, WithdrawalStatus
from tests.engine.pair import replayed

SECOND_NS = 10**9
START_NS = 1_000 * SECOND_NS
OPENING: tuple[c.Command, ...] = (
    c.DefineAsset("USDT", "Tether", 2),
    c.DefineNetwork(10 * SECOND_NS, 2, "seed"),
    c.OpenAccount("ann", (c.Grant("USDT", 10_000),)),
    c.OpenAccount("bob"),
)
OLD_LOG = Path(__file__).parent / "log_of_rules_2.txt"
OLD_EVENTS = "5fb6d8329cd4da0c25d1568e74582478df5588630cf70b05dc629de27f74fdad"
OLD_BALANCES = [(20070, 0), (188841766, 0), (19608, 1400), (182216000, 10770000), (18440, 0), (193415285, 18400000)]


class Day:
    """An exchange whose log time is told."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.log: list[tuple[int, c.Command]] = []
        for command in OPENING:
            self.tell(command)

    def tell(self, command: c.Command, at_ns: int = 0) -> e.Event:
        """Apply a command at a log time, or right after the last."""
        self.log.append((at_ns or max(START_NS, self.exchange.time_ns + 1), command))
        self.exchange.apply(*self.log[-1])
        self.exchange.check()
        return self.exchange.answer

    def ask(self, units: int, at_ns: int = 0, *, address: str = "x", reference: str = "", account: int = 1) -> e.Event:
        return self.tell(c.RequestWithdrawal(account, "USDT", units, address, reference), at_ns)

    def tick(self) -> None:
        """Let time reach the next deadline."""
        due_ns = self.exchange.next_deadline_ns()
        assert due_ns is not None
        self.tell(c.Tick(), due_ns)

    def status(self, withdrawal_id: int) -> WithdrawalStatus:
        found = self.exchange.withdrawals.find(withdrawal_id)
        assert found is not None
        return found.status


def code_of(answer: e.Event) -> Code:
    assert isinstance(answer, e.CommandRejected)
    return answer.code


def test_the_steps_are_due_when_blocks_are_found() -> None:
    day = Day()
    base_ns = next(time_ns for time_ns, command in day.log if isinstance(command, c.DefineNetwork))
    day.ask(100)
    assert day.exchange.next_deadline_ns() == base_ns + 10 * SECOND_NS
    day.tick()
    assert day.status(1) is WithdrawalStatus.BROADCAST
    assert day.exchange.next_deadline_ns() == base_ns + 20 * SECOND_NS
    day.tick()
    assert day.status(1) is WithdrawalStatus.CONFIRMED
    assert day.exchange.next_deadline_ns() is None
    assert day.exchange.balance(OUTSIDE_ACCOUNT, "USDT") == (-9_900, 0)


@pytest.mark.parametrize("address", ["somewhere", "test-refused", "test-dropped", "bob"])
def test_a_snapshot_between_any_two_steps_goes_on_as_if_it_had_not_been(address: str) -> None:
    day = Day()
    target = day.exchange.withdrawal_rules.network.deposit_address(2, "USDT") if address == "bob" else address
    day.tell(c.LimitWithdrawals("USDT", 50, 5_000))
    day.ask(100, address=target, reference="r")
    day.tell(c.ApproveWithdrawal(1, 9))
    day.tick()
    if day.exchange.next_deadline_ns() is not None:
        day.tick()
    assert not day.exchange.withdrawals.live
    day.ask(100, address=target, reference="r")
    day.ask(4_950)
    expected = state_hash(day.exchange)
    for cut in range(len(OPENING), len(day.log)):
        half = load(dump(replayed(Exchange(), day.log[:cut], [])))
        half.check()
        assert state_hash(replayed(half, day.log[cut:], [])) == expected


def test_a_refused_request_says_the_limit_what_is_used_and_when_there_is_room() -> None:
    day = Day()
    day.tell(c.LimitWithdrawals("USDT", None, 1_000))
    first_ns = day.exchange.time_ns + 1
    second_ns = first_ns + 3600 * SECOND_NS
    day.ask(400, first_ns)
    day.ask(500, second_ns)
    for units, room_ns in ((101, first_ns), (500, first_ns), (501, second_ns), (1_000, second_ns), (1_001, None)):
        answer = day.ask(units)
        assert isinstance(answer, e.CommandRejected)
        assert answer.code is Code.WITHDRAWAL_LIMIT
        room = None if room_ns is None else room_ns + DAY_NS
        assert answer.details == {"asset": "USDT", "limit": "10.00", "used": "9.00", "room_at_ns": room}
    assert isinstance(day.ask(100), e.WithdrawalChanged)


def test_the_day_ends_to_the_nanosecond() -> None:
    day = Day()
    day.tell(c.LimitWithdrawals("USDT", None, 1_000))
    day.ask(1_000)
    asked_ns = day.exchange.time_ns
    assert code_of(day.ask(1, asked_ns + DAY_NS - 1)) is Code.WITHDRAWAL_LIMIT
    assert isinstance(day.ask(1, asked_ns + DAY_NS), e.WithdrawalChanged)


def test_a_limit_that_is_set_later_counts_what_left_before() -> None:
    day = Day()
    day.ask(1_000)
    day.tell(c.LimitWithdrawals("USDT", None, 1_500))
    assert code_of(day.ask(501)) is Code.WITHDRAWAL_LIMIT
    day.tell(c.LimitWithdrawals("USDT", None, None))
    assert isinstance(day.ask(501), e.WithdrawalChanged)


def test_nobody_approves_their_own_and_may_reject_it() -> None:
    day = Day()
    day.tell(c.LimitWithdrawals("USDT", 0, None))
    day.ask(100)
    day.ask(100)
    assert code_of(day.tell(c.ApproveWithdrawal(1, 1))) is Code.FORBIDDEN
    assert day.status(1) is WithdrawalStatus.REQUESTED
    day.tell(c.ApproveWithdrawal(1, 2))
    day.tell(c.RejectWithdrawal(2, 1))
    assert (day.status(1), day.status(2)) == (WithdrawalStatus.APPROVED, WithdrawalStatus.REJECTED)


def test_so_many_are_on_their_way_at_a_time_and_no_more() -> None:
    day = Day()
    for _ in range(LIVE_WITHDRAWALS_MAX):
        assert isinstance(day.ask(1), e.WithdrawalChanged)
    assert code_of(day.ask(1)) is Code.TOO_MANY_WITHDRAWALS
    day.tick()
    day.tick()
    assert isinstance(day.ask(1), e.WithdrawalChanged)


def test_so_many_are_asked_for_in_a_day_and_what_ended_is_forgotten() -> None:
    day = Day()
    asked = 0
    while code_of_or_none(day.exchange, answer := request_one(day)) is None:
        asked += 1
        if len(day.exchange.withdrawals.live) == LIVE_WITHDRAWALS_MAX:
            skip_ahead(day)
    assert asked == WITHDRAWALS_A_DAY_MAX
    assert code_of(answer) is Code.TOO_MANY_WITHDRAWALS
    skip_ahead(day)
    assert len(day.exchange.withdrawals.ended) <= ENDED_KEPT_MAX
    day.exchange.check()


def test_requests_count_though_their_funds_came_back() -> None:
    day = Day()
    day.tell(c.LimitWithdrawals("USDT", 0, None))
    for number in range(1, WITHDRAWALS_A_DAY_MAX + 1):
        assert code_of_or_none(day.exchange, request_one(day)) is None
        day.exchange.apply(day.exchange.time_ns + 1, c.CancelWithdrawal(1, number))
    assert code_of(request_one(day)) is Code.TOO_MANY_WITHDRAWALS
    assert code_of_or_none(day.exchange, day.ask(1, day.exchange.time_ns + DAY_NS)) is None


def test_what_waited_for_days_is_counted_when_it_is_approved() -> None:
    day = Day()
    day.tell(c.LimitWithdrawals("USDT", 0, 1_000))
    for _ in range(3):
        assert isinstance(day.ask(1_000, day.exchange.time_ns + DAY_NS), e.WithdrawalChanged)
    answers = [day.tell(c.ApproveWithdrawal(number, 2)) for number in (1, 2, 3)]
    assert [code_of_or_none(day.exchange, answer) for answer in answers] == [Code.WITHDRAWAL_LIMIT] * 2 + [None]
    approved_ns = day.exchange.time_ns
    assert answers[0].details["room_at_ns"] == day.log[-4][0] + DAY_NS  # type: ignore[union-attr]
    assert code_of(day.tell(c.ApproveWithdrawal(1, 2), approved_ns + DAY_NS - 1)) is Code.WITHDRAWAL_LIMIT
    assert isinstance(day.tell(c.ApproveWithdrawal(1, 2), approved_ns + DAY_NS), e.WithdrawalChanged)
    assert code_of(day.ask(1)) is Code.WITHDRAWAL_LIMIT
    again = load(dump(day.exchange))
    assert again.withdrawals.days.sent == day.exchange.withdrawals.days.sent


def request_one(day: Day) -> e.Event:
    day.exchange.apply(max(START_NS, day.exchange.time_ns + 1), c.RequestWithdrawal(1, "USDT", 1, "x"))
    return day.exchange.answer


def code_of_or_none(_: Exchange, answer: e.Event) -> Code | None:
    return answer.code if isinstance(answer, e.CommandRejected) else None


def skip_ahead(day: Day) -> None:
    day.exchange.apply(day.exchange.time_ns + 60 * SECOND_NS, c.Tick())


def test_a_repetition_is_answered_with_the_first_even_when_memory_has_forgotten_it() -> None:
    day = Day()
    day.ask(1, reference="r")
    day.tick()
    day.tick()
    again = load(dump(day.exchange))
    assert again.withdrawals.find(1) is None
    again.apply(again.time_ns + 1, c.RequestWithdrawal(1, "USDT", 1, "x", "r"))
    assert again.answer == e.WithdrawalRepeated(1, 1)


def test_deposit_addresses_are_of_one_account_one_asset_and_one_seed() -> None:
    network = Day().exchange.withdrawal_rules.network
    addresses = {network.deposit_address(account, asset) for account in range(1, 50) for asset in ("BTC", "USDT")}
    assert len(addresses) == 98
    address = network.deposit_address(7, "BTC")
    assert network.owner_of("BTC", address) == 7
    assert network.owner_of("BTC", address.upper()) == 7
    assert network.owner_of("USDT", address) is None
    assert Exchange().withdrawal_rules.network.owner_of("BTC", address) is None, "another seed, another exchange"


@pytest.mark.parametrize("account_id", [3, OUTSIDE_ACCOUNT])
def test_what_goes_to_the_address_of_no_user_leaves(account_id: int) -> None:
    day = Day()
    day.ask(100, address=day.exchange.withdrawal_rules.network.deposit_address(account_id, "USDT"))
    day.tick()
    day.tick()
    assert day.exchange.balance(OUTSIDE_ACCOUNT, "USDT") == (-9_900, 0)


def test_an_arrival_is_a_deposit_with_the_transaction_as_its_reference() -> None:
    day = Day()
    day.ask(100, address=day.exchange.withdrawal_rules.network.deposit_address(2, "USDT"))
    day.tick()
    events = day.exchange.apply(day.exchange.next_deadline_ns() or 0, c.Tick())
    left = next(event.withdrawal for event in events if isinstance(event, e.WithdrawalChanged))
    arrived = next(event for event in events if isinstance(event, e.Deposited))
    assert (arrived.account_id, arrived.units, arrived.reference) == (2, 100, left.txid)
    assert len(left.txid) == 64
    assert day.exchange.balance(2, "USDT") == (100, 0)


def test_a_log_of_older_rules_gives_the_same_events_as_the_build_that_wrote_it() -> None:
    assert 2 in RULES_REPLAYED
    log = decode_batch(zlib.decompress(base64.b85decode(OLD_LOG.read_text().replace("\n", ""))))
    assert sum(isinstance(each.command, c.Withdraw) for each in log) >= 7
    events: list[e.Event] = []
    exchange = replayed(Exchange(), [(each.time_ns, each.command) for each in log], events)
    assert hashlib.sha256(msgspec.msgpack.encode(events)).hexdigest() == OLD_EVENTS
    assert [(free, held) for user in (1, 2, 3) for _, free, held in exchange.balances(user)] == OLD_BALANCES
    exchange.check()
