"""The double-entry ledger: hold, settle, release, and transfers against the world outside.

Every movement is an entry whose lines sum to zero for each asset; each line is reported as a Posting.
"""

from typing import Final

from cryptex.engine.accounts import Account, Accounts, Balance
from cryptex.engine.errors import InvariantBroken, require
from cryptex.engine.order import WorkingOrder
from cryptex.engine.seat import Seat
from cryptex.engine.step import Step
from cryptex.protocol.events import Posting
from cryptex.protocol.terms import AMOUNT_LIMIT, OUTSIDE_ACCOUNT, EntryKind

HOLD: Final = EntryKind.HOLD
RELEASE: Final = EntryKind.RELEASE
TRADE: Final = EntryKind.TRADE


class Ledger:
    """Moves funds between accounts. Amounts are atomic units above zero."""

    __slots__ = ("accounts", "next_entry_id", "step")

    def __init__(self, accounts: Accounts, step: Step) -> None:
        self.accounts = accounts
        self.step = step
        self.next_entry_id = 1

    def hold(self, order: WorkingOrder, units: int) -> None:
        """Set available funds aside for an order. Raises InvariantBroken without the funds."""
        balance = order.funds
        available = balance.available = balance.available - units
        held = balance.held = balance.held + units
        account_id, asset = balance.account_id, balance.asset
        if available < 0 or units < 0:
            raise InvariantBroken(f"a hold of {units} {asset} that account {account_id} does not have")
        entry_id = self.next_entry_id
        self.next_entry_id = entry_id + 1
        self.step.events.append(
            Posting(entry_id, HOLD, order.order_id, account_id, asset, -units, units, available, held)
        )

    def release(self, order: WorkingOrder, units: int) -> None:
        """Give back funds that were held for an order. Raises InvariantBroken where less is held."""
        balance = order.funds
        available = balance.available = balance.available + units
        held = balance.held = balance.held - units
        account_id, asset = balance.account_id, balance.asset
        if held < 0 or units < 0:
            raise InvariantBroken(f"a release of {units} {asset} that account {account_id} does not hold")
        entry_id = self.next_entry_id
        self.next_entry_id = entry_id + 1
        self.step.events.append(
            Posting(entry_id, RELEASE, order.order_id, account_id, asset, units, -units, available, held)
        )

    def settle(
        self,
        trade_id: int,
        buyer: Seat,
        seller: Seat,
        base_units: int,
        quote_units: int,
        buyer_held_units: int,
        base_fee_units: int,
        quote_fee_units: int,
    ) -> None:
        """Exchange base for quote out of both sides' holds; the buyer's fee is base, the seller's quote.

        `buyer_held_units` is what the buyer held for this; what the price left of it is given back.
        """
        entry_id = self.next_entry_id
        self.next_entry_id = entry_id + 1
        events, fees = self.step.events, buyer.market.fees
        base, quote = fees.base.asset, fees.quote.asset
        for balance, asset, change, held_change in (
            (buyer.quote, quote, buyer_held_units - quote_units, -buyer_held_units),
            (buyer.base, base, base_units - base_fee_units, 0),
            (seller.base, base, 0, -base_units),
            (seller.quote, quote, quote_units - quote_fee_units, 0),
        ):
            events.append(_posted(entry_id, trade_id, balance, asset, change, held_change))
            if balance.available < 0 or balance.held < 0:
                raise InvariantBroken(f"trade {trade_id} would overdraw account {balance.account_id}")
        if base_fee_units:
            events.append(_posted(entry_id, trade_id, fees.base, base, base_fee_units, 0))
        if quote_fee_units:
            events.append(_posted(entry_id, trade_id, fees.quote, quote, quote_fee_units, 0))

    def bring_in(self, account: Account, asset: str, units: int, kind: EntryKind, reference: str) -> int:
        """Move funds from outside to an account and return the entry's id."""
        return self._transfer(self.accounts.by_id[OUTSIDE_ACCOUNT], account, asset, units, kind, reference)

    def send_out(self, account: Account, asset: str, units: int, reference: str) -> int:
        """Move available funds outside and return the entry's id."""
        outside = self.accounts.by_id[OUTSIDE_ACCOUNT]
        return self._transfer(account, outside, asset, units, EntryKind.WITHDRAWAL, reference)

    def set_aside(self, account: Account, asset: str, units: int, reference: str) -> int:
        """Hold available funds for a withdrawal and return the entry's id."""
        return self._shift(account.balances[asset], HOLD, reference, -units, units)

    def give_back(self, account: Account, asset: str, units: int, reference: str) -> int:
        """Make the held funds of a withdrawal available again and return the entry's id."""
        return self._shift(account.balances[asset], RELEASE, reference, units, -units)

    def send_held(self, account: Account, asset: str, units: int, address: str) -> int:
        """Move the held funds of a withdrawal outside and return the entry's id."""
        entry_id = self._shift(account.balances[asset], EntryKind.WITHDRAWAL, address, 0, -units)
        outside = self.accounts.by_id[OUTSIDE_ACCOUNT].balances[asset]
        self._post(entry_id, EntryKind.WITHDRAWAL, address, outside, units)
        return entry_id

    def has_room(self, asset: str, units: int) -> bool:
        """Return whether this much more of an asset may come in without leaving the exchange's bounds."""
        return units - self.accounts.by_id[OUTSIDE_ACCOUNT].balances[asset].available < AMOUNT_LIMIT

    def check(self) -> None:
        """Raise InvariantBroken unless every asset sums to zero and no inside account is below zero."""
        sums: dict[str, int] = {}
        for account_id, account in self.accounts.by_id.items():
            for asset, balance in account.balances.items():
                sums[asset] = sums.get(asset, 0) + balance.available + balance.held
                if account_id != OUTSIDE_ACCOUNT:
                    require(
                        balance.available >= 0,
                        f"account {account_id} is short of {asset}",
                    )
                    require(
                        balance.held >= 0,
                        f"account {account_id} holds less than no {asset}",
                    )
        for asset, units in sums.items():
            require(units == 0, f"{asset} does not sum to zero but to {units}")

    def _transfer(
        self,
        source: Account,
        target: Account,
        asset: str,
        units: int,
        kind: EntryKind,
        reference: str,
    ) -> int:
        entry_id = self.next_entry_id
        self.next_entry_id = entry_id + 1
        self._post(entry_id, kind, reference, source.balances[asset], -units)
        self._post(entry_id, kind, reference, target.balances[asset], units)
        return entry_id

    def _shift(self, balance: Balance, kind: EntryKind, reference: str, change: int, held_change: int) -> int:
        """Begin an entry that changes both parts of a balance, and return its id."""
        entry_id = self.next_entry_id
        self.next_entry_id = entry_id + 1
        account_id, asset = balance.account_id, balance.asset
        available = balance.available = balance.available + change
        held = balance.held = balance.held + held_change
        if available < 0 or held < 0:
            raise InvariantBroken(f"{kind.value} of {reference} would overdraw {asset} of account {account_id}")
        self.step.events.append(
            Posting(entry_id, kind, reference, account_id, asset, change, held_change, available, held)
        )
        return entry_id

    def _post(self, entry_id: int, kind: EntryKind, reference: str, balance: Balance, change: int) -> None:
        account_id, asset = balance.account_id, balance.asset
        available = balance.available = balance.available + change
        if available < 0 and account_id != OUTSIDE_ACCOUNT:
            raise InvariantBroken(f"an entry would overdraw {asset} of account {account_id}")
        self.step.events.append(
            Posting(entry_id, kind, reference, account_id, asset, change, 0, available, balance.held)
        )


def _posted(entry_id: int, trade_id: int, balance: Balance, asset: str, change: int, held_change: int) -> Posting:
    """Change a balance for a trade and return the line that says so."""
    available = balance.available = balance.available + change
    held = balance.held = balance.held + held_change
    return Posting(entry_id, TRADE, trade_id, balance.account_id, asset, change, held_change, available, held)
