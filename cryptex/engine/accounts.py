"""Accounts: balances, open orders, keys, and the dead man's switch of each."""

from collections.abc import Iterator
from typing import Final

from cryptex.engine.idempotency import KeyTable
from cryptex.engine.order import WorkingOrder
from cryptex.protocol.terms import (
    BOT_ACCOUNTS_START,
    FEE_ACCOUNT,
    HOUSE_ACCOUNTS_START,
    OUTSIDE_ACCOUNT,
)
from cryptex.protocol.withdrawal import Withdrawal


class Balance:
    """What an account has of one asset, in atomic units: free to use, and set aside for open orders and withdrawals."""

    __slots__ = ("account_id", "asset", "available", "held")

    def __init__(self, account_id: int, asset: str) -> None:
        self.account_id: Final = account_id
        self.asset: Final = asset
        self.available = 0
        self.held = 0


class Balances(dict[str, Balance]):
    """An account's balances by asset; zero where there has been none."""

    def __init__(self, account_id: int) -> None:
        self.account_id: Final = account_id

    def __missing__(self, asset: str) -> Balance:
        balance = self[asset] = Balance(self.account_id, asset)
        return balance


class Account:
    """One account. `orders` and `withdrawals` hold those that are alive by id, oldest first."""

    __slots__ = (
        "account_id",
        "balances",
        "dead_man_ns",
        "order_keys",
        "orders",
        "references",
        "withdrawals",
    )

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.balances = Balances(account_id)
        self.orders: dict[int, WorkingOrder] = {}
        self.order_keys = KeyTable()
        self.references = KeyTable()
        self.withdrawals: dict[int, Withdrawal] = {}
        self.dead_man_ns = 0


class Accounts:
    """All accounts by id, and which registration opened which."""

    def __init__(self) -> None:
        self.by_id: dict[int, Account] = {
            OUTSIDE_ACCOUNT: Account(OUTSIDE_ACCOUNT),
            FEE_ACCOUNT: Account(FEE_ACCOUNT),
        }
        self.by_registration: dict[str, int] = {}
        self.next_user_id = 1
        self.next_bot_id = BOT_ACCOUNTS_START

    def open(self, registration_key: str, *, bot: bool) -> Account:
        """Open an account under a key that has none yet."""
        account_id = self.next_bot_id if bot else self.next_user_id
        if bot:
            self.next_bot_id += 1
        else:
            self.next_user_id += 1
        account = self.by_id[account_id] = Account(account_id)
        self.by_registration[registration_key] = account_id
        return account

    def user_ids(self) -> Iterator[int]:
        """Yield the ids of users' accounts."""
        return (account_id for account_id in self.by_id if account_id < HOUSE_ACCOUNTS_START)
