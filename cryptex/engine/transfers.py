"""Accounts opened, funds brought in and sent out."""

from cryptex.engine.accounts import Account, Accounts
from cryptex.engine.admission import Reason
from cryptex.engine.ledger import Ledger
from cryptex.engine.step import Step
from cryptex.protocol.commands import Deposit, Grant, OpenAccount, RequestWithdrawal, Withdraw
from cryptex.protocol.events import AccountOpened, Deposited, Withdrawn
from cryptex.protocol.market import Asset
from cryptex.protocol.problems import Code, Detail
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
            return unknown_account(command.account_id)
        first = earlier(account, command, self.step.time_ns)
        if isinstance(first, Reason):
            return first
        if first is None:
            reason = self._room(Grant(command.asset, command.units))
            if reason is not None:
                return reason
        entry_id = first or self.ledger.bring_in(
            account, command.asset, command.units, EntryKind.DEPOSIT, command.reference
        )
        if command.reference and first is None:
            account.references.remember(command.reference, entry_id, command, self.step.time_ns)
        return Deposited(
            command.account_id,
            command.asset,
            command.units,
            command.reference,
            entry_id,
            first is not None,
            account.balances[command.asset].available,
        )

    def withdraw(self, command: Withdraw) -> Withdrawn | Reason:
        """Send available funds out; a reference that was used before with equal fields does nothing more."""
        account = self.accounts.by_id.get(command.account_id)
        asset = self.assets.get(command.asset)
        if account is None:
            return unknown_account(command.account_id)
        if asset is None:
            return unknown_asset(command.asset)
        first = earlier(account, command, self.step.time_ns)
        if isinstance(first, Reason):
            return first
        balance = account.balances[asset.symbol]
        if first is None and command.units > balance.available:
            return insufficient(asset, command.units, balance.available)
        entry_id = first or self.ledger.send_out(account, command.asset, command.units, command.address)
        if command.reference and first is None:
            account.references.remember(command.reference, entry_id, command, self.step.time_ns)
        return Withdrawn(
            command.account_id,
            command.asset,
            command.units,
            command.address,
            entry_id,
            command.reference,
            first is not None,
            balance.available,
        )

    def _room(self, grant: Grant) -> Reason | None:
        asset = self.assets.get(grant.asset)
        if asset is None:
            return unknown_asset(grant.asset)
        if self.ledger.has_room(grant.asset, grant.units):
            return None
        message = f"{asset.text(grant.units)} more {grant.asset} is beyond what the exchange can count"
        return Reason(Code.AMOUNT_TOO_LARGE, message, {"asset": grant.asset})


def earlier(account: Account, command: Deposit | Withdraw | RequestWithdrawal, now_ns: int) -> int | Reason | None:
    """Return what an equal transfer with this reference made (entry or withdrawal), or why it cannot be used again."""
    record = account.references.find(command.reference, now_ns) if command.reference else None
    if record is None:
        return None
    made_id, first = record
    if first == command:
        return made_id
    kind = "deposit" if isinstance(first, Deposit) else "withdrawal"
    message = f"reference {command.reference} was used for another {kind}"
    return Reason(Code.REFERENCE_CONFLICT, message, {"reference": command.reference})


def insufficient(asset: Asset, required_units: int, available_units: int) -> Reason:
    """Return the refusal of an amount that is not available."""
    required, available = asset.text(required_units), asset.text(available_units)
    message = f"this needs {required} {asset.symbol}, available are {available}"
    details: dict[str, Detail] = {"asset": asset.symbol, "required": required, "available": available}
    return Reason(Code.INSUFFICIENT_FUNDS, message, details)


def unknown_asset(symbol: str) -> Reason:
    """Return the refusal of an asset that was never defined."""
    return Reason(Code.UNKNOWN_ASSET, f"there is no asset {symbol}", {"asset": symbol})


def unknown_account(account_id: int) -> Reason:
    """Return the refusal of an account that the log never opened."""
    return Reason(Code.FORBIDDEN, f"there is no account {account_id}", {})
