"""An account's seat in a market: what each of its orders there needs, looked up once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptex.engine.accounts import Account, Balance

if TYPE_CHECKING:
    from cryptex.engine.live_market import LiveMarket


class Seat:
    """One account in one market: its balances of the market's two assets, and how many of its orders live there."""

    __slots__ = ("account", "base", "keys", "market", "open_orders", "quote")

    def __init__(self, account: Account, market: LiveMarket) -> None:
        self.account: Final = account
        self.market: Final = market
        self.base: Final[Balance] = account.balances[market.base]
        self.quote: Final[Balance] = account.balances[market.quote]
        self.keys: Final = account.order_keys
        self.open_orders = 0
