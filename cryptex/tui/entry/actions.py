"""What can be done about oneself and one's funds while trading."""

from typing import Final

from cryptex.tui.keys.action import Action

ENTRY: Final = (
    Action("account.deposit", "D", "deposit simulated funds"),
    Action("account.withdraw", "W", "withdraw funds to an address"),
    Action("account.menu", "u", "account: funds, another node, log out", "account"),
)
