"""Handlers of the actions on the account."""

from cryptex.tui.entry.deposit_screen import DepositScreen
from cryptex.tui.entry.entry_app import AccountAsked
from cryptex.tui.entry.questions import DEPOSIT
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.stage import Handlers, Stage


def entry_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""

    def account() -> None:
        stage.screen.post_message(AccountAsked())

    return {"account.menu": account, DEPOSIT: lambda: _deposit(stage)}


def _deposit(stage: Stage) -> None:
    def done(deposited: str | None) -> None:
        if deposited is not None:
            stage.note(Tone.GOOD, deposited)

    terms = stage.model.trading
    screen = DepositScreen(stage.exchange, _assets(stage.model), terms.quote if terms else "")
    stage.screen.app.push_screen(screen, done)


def _assets(model: TerminalModel) -> list[str]:
    """Return what one can have: the wallet names them all, and markets those that are traded."""
    if model.balances is not None:
        return [balance.asset for balance in model.balances if balance.asset.isprintable()]
    return list(dict.fromkeys(asset for terms in model.terms.values() for asset in (terms.base, terms.quote)))
