"""What can be done with looks."""

from typing import Final

from cryptex.tui.keys.action import Action

LOOKS: Final = (Action("look.next", "ctrl+t", "next theme", shown="^t"),)
