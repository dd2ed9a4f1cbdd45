"""What admins hear of a withdrawal that waits for nobody's decision."""

import pytest

from cryptex.protocol.problems import Code
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("code", [Code.UNKNOWN_WITHDRAWAL, Code.WITHDRAWAL_DECIDED])
def test_admins_are_not_led_to_withdrawals_of_their_own(verb: str, code: Code, cli: Cli, node: Canned) -> None:
    node.refuse(f"POST /admin/withdrawals/3/{verb}", code, "there is no withdrawal 3 on its way")
    ended = cli("admin", verb, "3", "--yes")
    assert (ended.code, "`cryptex admin withdrawals" in ended.err, "wallet" in ended.err) == (1, True, False)


def test_traders_are_led_to_theirs(cli: Cli, node: Canned) -> None:
    node.refuse("DELETE /wallet/withdrawals/3", Code.UNKNOWN_WITHDRAWAL, "no withdrawal of yours has the id 3")
    assert "`cryptex wallet withdrawals` lists yours." in cli("wallet", "cancel-withdrawal", "3").err


def test_a_market_without_an_auction_is_the_operators_matter(cli: Cli, node: Canned) -> None:
    detail = "BTC-USDT has no auction_duration in the node's settings"
    node.refuse("POST /admin/markets/BTC-USDT/auction", Code.INVALID_REQUEST, detail, field="market")
    ended = cli("admin", "auction", "BTC-USDT", "--yes")
    assert (ended.code, "The node's operator gives it one: `auction_duration`" in ended.err) == (1, True)
