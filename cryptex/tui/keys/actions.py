"""What can be done about keys."""

from typing import Final

from cryptex.tui.keys.action import Action

KEYS: Final = (Action("app.palette", "ctrl+p,colon", "do anything by its name", "palette", shown="^p :"),)
