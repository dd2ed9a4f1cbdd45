"""Handlers of the actions on the account."""

from decimal import Decimal

from cryptex.tui.entry.deposit_screen import DepositScreen
from cryptex.tui.entry.entry_app import AccountAsked
from cryptex.tui.entry.questions import DEPOSIT, WITHDRAW
from cryptex.tui.entry.transfer_screen import TransferScreen
from cryptex.tui.entry.withdraw_screen import WithdrawScreen
from cryptex.tui.model import TerminalModel, Tone
from cryptex.tui.stage import Handlers, Stage


def entry_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""

    def account() -> None:
        stage.screen.post_message(AccountAsked())

    def deposit() -> None:
        _open(stage, DepositScreen(stage.exchange, _assets(stage.model), _quote(stage.model)))

    def withdraw() -> None:
        model = stage.model

        def available(asset: str) -> Decimal | None:
            return model.available(asset) if model.fresh.wallet_live else None

        _open(stage, WithdrawScreen(stage.exchange, _assets(model), _quote(model), available))

    return {"account.menu": account, DEPOSIT: deposit, WITHDRAW: withdraw}


def _open(stage: Stage, screen: TransferScreen) -> None:
    def done(told: str | None) -> None:
        if told is not None:
            stage.note(Tone.GOOD, told)

    stage.open(screen, done)


def _quote(model: TerminalModel) -> str:
    return model.trading.quote if model.trading else ""


def _assets(model: TerminalModel) -> list[str]:
    """Return what one can have: the wallet names them all, and markets those that are traded."""
    if model.balances is not None:
        return [balance.asset for balance in model.balances if balance.asset.isprintable()]
    return list(dict.fromkeys(asset for terms in model.terms.values() for asset in (terms.base, terms.quote)))
