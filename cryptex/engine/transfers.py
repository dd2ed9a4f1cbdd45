"""Accounts opened, funds brought in and sent out."""

from cryptex.engine.accounts import Accounts
from cryptex.engine.admission import Reason
from cryptex.engine.ledger import Ledger
from cryptex.engine.step import Step
from cryptex.protocol.commands import Deposit, Grant, OpenAccount, Withdraw
from cryptex.protocol.events import AccountOpened, Deposited, Withdrawn
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import EntryKind


class Transfers:
    """The exchange's door to the world outside."""

    def __init__(self, accounts: Accounts, ledger: Ledger, assets: dict[str, Asset], step: Step) -> None:
        self.accounts = accounts
        self.ledger = ledger
        self.assets = assets
        self.step = step

    def open_account(self, command: OpenAccount) -> AccountOpened | Reason:
        """Open an account with its grants, or find the one that the key opened before."""
        known = self.accounts.by_registration.get(command.registration_key)
        if known is not None:
            return AccountOpened(known, command.registration_key, repeated=True)
        for grant in command.grants:
            reason = self._room(grant)
            if reason is not None:
                return reason
        account = self.accounts.open(command.registration_key, bot=command.bot)
        for grant in command.grants:
            self.ledger.bring_in(account, grant.asset, grant.units, EntryKind.OPENING, "opening")
        return AccountOpened(account.account_id, command.registration_key)

    def deposit(self, command: Deposit) -> Deposited | Reason:
        """Bring funds in; a reference that was used before with equal fields does nothing more."""
        account = self.accounts.by_id.get(command.account_id)
        if account is None:
            return _unknown_account(command.account_id)
        if command.reference:
            record = account.references.find(command.reference, self.step.time_ns)
            if record is not None and record[1] == command:
                return Deposited(
                    command.account_id,
                    command.asset,
                    command.units,
                    command.reference,
                    record[0],
                    repeated=True,
                )
            if record is not None:
                message = f"reference {command.reference} was used for another deposit"
                return Reason(Code.REFERENCE_CONFLICT, message, {"reference": command.reference})
        reason = self._room(Grant(command.asset, command.units))
        if reason is not None:
            return reason
        entry_id = self.ledger.bring_in(account, command.asset, command.units, EntryKind.DEPOSIT, command.reference)
        if command.reference:
            account.references.remember(command.reference, entry_id, command, self.step.time_ns)
        return Deposited(
            command.account_id,
            command.asset,
            command.units,
            command.reference,
            entry_id,
        )

    def withdraw(self, command: Withdraw) -> Withdrawn | Reason:
        """Send available funds out."""
        account = self.accounts.by_id.get(command.account_id)
        asset = self.assets.get(command.asset)
        if account is None:
            return _unknown_account(command.account_id)
        if asset is None:
            return _unknown_asset(command.asset)
        available = account.balances[asset.symbol].available
        if command.units > available:
            required, left = asset.text(command.units), asset.text(available)
            message = f"this needs {required} {asset.symbol}, available are {left}"
            return Reason(
                Code.INSUFFICIENT_FUNDS,
                message,
                {"asset": asset.symbol, "required": required, "available": left},
            )
        entry_id = self.ledger.send_out(account, command.asset, command.units, command.address)
        return Withdrawn(command.account_id, command.asset, command.units, command.address, entry_id)

    def _room(self, grant: Grant) -> Reason | None:
        asset = self.assets.get(grant.asset)
        if asset is None:
            return _unknown_asset(grant.asset)
        if self.ledger.has_room(grant.asset, grant.units):
            return None
        message = f"{asset.text(grant.units)} more {grant.asset} is beyond what the exchange can count"
        return Reason(Code.AMOUNT_TOO_LARGE, message, {"asset": grant.asset})


def _unknown_asset(symbol: str) -> Reason:
    return Reason(Code.UNKNOWN_ASSET, f"there is no asset {symbol}", {"asset": symbol})


def _unknown_account(account_id: int) -> Reason:
    return Reason(Code.FORBIDDEN, f"there is no account {account_id}", {})
