"""What the allow-list means, in words."""

from cryptex.cli.allow_lists import state_of
from cryptex.protocol.wallet import AllowedAddressView, AllowListView

TIME = "2026-11-22T15:40:03.123456Z"
ADDRESS = AllowedAddressView(1, "BTC", "somewhere", "", TIME, TIME)


def test_a_list_that_is_on_and_empty_is_said_to_stop_withdrawals() -> None:
    assert "so nothing can be withdrawn" in state_of(AllowListView(True, None, []))
    assert state_of(AllowListView(True, None, [ADDRESS])).endswith("withdrawals go to its addresses alone.")
    assert f"on until {TIME}" in state_of(AllowListView(True, TIME, [ADDRESS]))
    assert "anywhere" in state_of(AllowListView(False, None, []))
