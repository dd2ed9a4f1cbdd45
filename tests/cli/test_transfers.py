"""Deposits and withdrawals that are refused: what to do is said in their own words."""

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli

WITHDRAW = ("wallet", "withdraw", "USDT", "10", "there", "--yes")
DEPOSIT = ("wallet", "deposit", "USDT", "10")


def test_a_withdrawal_that_lacks_funds_has_no_size(cli: Cli, node: Canned) -> None:
    node.refuse("POST /wallet/withdrawals", Code.INSUFFICIENT_FUNDS, "this needs 10 USDT, available are 1")
    ended = cli(*WITHDRAW)
    assert (ended.code, "Lower the amount" in ended.err, "size" in ended.err) == (1, True, False)


def test_a_used_reference_is_not_that_of_another_one_of_its_kind(cli: Cli, node: Canned) -> None:
    node.refuse("POST /wallet/deposits", Code.REFERENCE_CONFLICT, "reference r was used for another withdrawal")
    ended = cli("wallet", "deposit", "USDT", "10", "--reference", "r")
    assert (ended.code, "was used for an earlier withdrawal" in ended.err) == (1, True)
    assert "Give another --reference" in ended.err


def test_the_limit_of_a_day_says_when_there_is_room(cli: Cli, node: Canned) -> None:
    day = {"asset": "USDT", "limit": "100.00", "used": "95.00"}
    when = "2026-11-27T15:40:03.123456Z"
    node.refuse("POST /wallet/withdrawals", Code.WITHDRAWAL_LIMIT, "100.00 USDT may leave", **day, room_at=when)
    assert f"So much may leave from {when} on; now 5.00 USDT may." in cli(*WITHDRAW).err
    node.refuse("POST /wallet/withdrawals", Code.WITHDRAWAL_LIMIT, "100.00 USDT may leave", **day, room_at=None)
    assert "It is more than may leave in any 24 hours; now 5.00 USDT may." in cli(*WITHDRAW).err
    node.refuse("POST /wallet/withdrawals", Code.WITHDRAWAL_LIMIT, "100.00 USDT may leave")
    assert "Withdraw at most limit less used now" in cli(*WITHDRAW).err


def test_a_repeated_reference_is_said_to_have_moved_nothing(cli: Cli, node: Canned) -> None:
    for route, line in (("POST /wallet/withdrawals", WITHDRAW), ("POST /wallet/deposits", DEPOSIT)):
        assert "before" not in cli(*line).err
        node.answers[route] = (200, node.answers[route][1])
        assert "It was asked for before, with this reference; nothing new was moved." in cli(*line).err
