"""Handlers of the actions on the account."""

from cryptex.tui.entry.entry_app import AccountAsked
from cryptex.tui.stage import Handlers, Stage


def entry_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""

    def account() -> None:
        stage.screen.post_message(AccountAsked())

    return {"account.menu": account}
