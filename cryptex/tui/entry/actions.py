"""What can be done about oneself while trading."""

from typing import Final

from cryptex.tui.keys.action import Action

ENTRY: Final = (Action("account.menu", "u", "account: another node, log out", "account"),)
