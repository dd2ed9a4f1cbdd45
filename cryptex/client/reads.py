"""What the async exchange asks over REST: history, public data, people. Each call runs in a thread of its own."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeVar

from cryptex.client.forms import Amount
from cryptex.client.models import (
    AllowedAddress,
    AllowList,
    ApiKey,
    Asset,
    Book,
    Candle,
    DepositAddress,
    Entry,
    Fill,
    Health,
    Market,
    MarketData,
    Me,
    OpenSession,
    Order,
    Page,
    SecondFactor,
    Ticker,
    Trade,
    User,
    Withdrawal,
)
from cryptex.client.rest import RestClient
from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT
from cryptex.protocol.terms import Interval, OrderStatus, Scope, WithdrawalStatus
from cryptex.protocol.views import SecondFactorSecret

T = TypeVar("T")


class Reads:
    """Base of Exchange: REST without blocking the loop. Needs no connection."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    async def register(self, username: str, password: str, email: str | None = None) -> User:
        """Register a user."""
        return await self._in_thread(partial(self._rest.register, username, password, email))

    async def me(self) -> Me:
        """Return whom the token speaks for."""
        return await self._in_thread(self._rest.me)

    async def reauthenticate(self, password: str, code: str | None = None) -> datetime:
        """Show who one is once more; return until when the login counts as fresh. Needs a login's token."""
        return await self._in_thread(partial(self._rest.reauthenticate, password, code))

    async def second_factor(self) -> SecondFactor:
        """Return how it stands with one's second factor. Needs a login's token."""
        return await self._in_thread(self._rest.second_factor)

    async def begin_second_factor(self) -> SecondFactorSecret:
        """Return a new secret; it counts once `confirm_second_factor` was given a code of it. Needs a fresh login."""
        return await self._in_thread(self._rest.begin_second_factor)

    async def confirm_second_factor(self, code: str) -> list[str]:
        """Turn the second factor on; return the recovery codes, which are shown this once. Needs a fresh login."""
        return await self._in_thread(partial(self._rest.confirm_second_factor, code))

    async def disable_second_factor(self) -> None:
        """Turn the second factor off. Needs a fresh login."""
        await self._in_thread(self._rest.disable_second_factor)

    async def renew_recovery_codes(self) -> list[str]:
        """Return new recovery codes, which are shown this once; those before end. Needs a fresh login."""
        return await self._in_thread(self._rest.renew_recovery_codes)

    async def change_password(self, password: str, new_password: str, code: str | None = None) -> None:
        """Change the password, given the present one. All other logins of the user end; API keys stay.

        Needs a login's token. One that is not fresh is made so by the password and, with a second factor, the `code`:
        raises AccessError(second_factor_required) where that is missing.
        """
        await self._in_thread(partial(self._rest.change_password, password, new_password, code))

    async def sessions(self) -> list[OpenSession]:
        """Return own logins, the one used last first. Needs a login's token."""
        return await self._in_thread(self._rest.sessions)

    async def revoke_session(self, session_id: str) -> None:
        """End a login, and the connections that speak for it. Needs a login's token."""
        await self._in_thread(partial(self._rest.revoke_session, session_id))

    async def end_other_sessions(self) -> int:
        """End all own logins but this one; return how many. Needs a login's token."""
        return await self._in_thread(self._rest.end_other_sessions)

    async def create_key(
        self,
        label: str,
        scopes: Iterable[Scope | str] = (Scope.READ,),
        expires_at: datetime | str | None = None,
        *,
        kind: KeyKind | str = KeyKind.BEARER,
        allowed_addresses: Iterable[str] = (),
    ) -> ApiKey:
        """Make an API key and return it with its `secret`, a token that is shown this once. Needs a fresh login.

        A key of the kind bearer is sent with each request; hmac and ed25519 sign them, and are never sent. The pair of
        an ed25519 key is made here: the node gets the public half alone. `allowed_addresses` are addresses or networks.
        """
        create = partial(self._rest.create_key, kind=kind, allowed_addresses=allowed_addresses)
        return await self._in_thread(partial(create, label, scopes, expires_at))

    async def keys(self) -> list[ApiKey]:
        """Return own API keys, newest first, without their secrets. Needs a login's token."""
        return await self._in_thread(self._rest.keys)

    async def revoke_key(self, key_id: int) -> None:
        """End an API key, and the connections that speak for it. Needs a login's token."""
        await self._in_thread(partial(self._rest.revoke_key, key_id))

    async def health(self) -> Health:
        """Return where the node stands."""
        return await self._in_thread(self._rest.health)

    async def markets(self) -> list[Market]:
        """Return all markets."""
        return await self._in_thread(self._rest.markets)

    async def assets(self) -> list[Asset]:
        """Return all assets."""
        return await self._in_thread(self._rest.assets)

    async def market_data(self, market: str, depth: int = BOOK_DEPTH_DEFAULT) -> MarketData:
        """Return ticker and book of a market."""
        return await self._in_thread(partial(self._rest.market_data, market, depth))

    async def ticker(self, market: str) -> Ticker:
        """Return the ticker of a market."""
        return await self._in_thread(partial(self._rest.ticker, market))

    async def tickers(self) -> list[Ticker]:
        """Return the tickers of all markets."""
        return await self._in_thread(self._rest.tickers)

    async def book(self, market: str, depth: int = BOOK_DEPTH_DEFAULT) -> Book:
        """Return the best `depth` levels of each side of a book, once; `watch_book` follows it."""
        return await self._in_thread(partial(self._rest.book, market, depth))

    async def trades(self, market: str, *, limit: int | None = None, before: int | None = None) -> Page[Trade]:
        """Return public trades, newest first."""
        return await self._in_thread(partial(self._rest.trades, market, limit=limit, before=before))

    async def candles(
        self,
        market: str,
        interval: Interval | str = Interval.M1,
        *,
        limit: int | None = None,
        before: datetime | str | None = None,
    ) -> Page[Candle]:
        """Return candles, newest first."""
        return await self._in_thread(partial(self._rest.candles, market, interval, limit=limit, before=before))

    async def orders(
        self,
        *,
        status: OrderStatus | str | None = None,
        market: str | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> Page[Order]:
        """Return own orders, newest first, ended ones included."""
        ask = partial(self._rest.orders, status=status, market=market, limit=limit, before=before)
        return await self._in_thread(ask)

    async def fills(
        self,
        *,
        market: str | None = None,
        order_id: int | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> Page[Fill]:
        """Return own fills, newest first."""
        ask = partial(self._rest.fills, market=market, order_id=order_id, limit=limit, before=before)
        return await self._in_thread(ask)

    async def entries(self, *, limit: int | None = None, before: int | None = None) -> Page[Entry]:
        """Return own ledger entries, newest first."""
        return await self._in_thread(partial(self._rest.entries, limit=limit, before=before))

    async def deposit(self, asset: str, amount: Amount, reference: str | None = None) -> Entry:
        """Deposit simulated funds; the same reference never deposits twice."""
        return await self._in_thread(partial(self._rest.deposit, asset, amount, reference))

    async def withdraw(self, asset: str, amount: Amount, address: str, reference: str | None = None) -> Withdrawal:
        """Have available funds sent to an address; the same reference never sends them twice.

        They are held from now on and leave when the network confirms it: `withdrawal` tells how far it is.
        """
        return await self._in_thread(partial(self._rest.withdraw, asset, amount, address, reference))

    async def withdrawals(
        self, *, status: WithdrawalStatus | str | None = None, limit: int | None = None, before: int | None = None
    ) -> Page[Withdrawal]:
        """Return own withdrawals, newest first."""
        return await self._in_thread(partial(self._rest.withdrawals, status=status, limit=limit, before=before))

    async def withdrawal(self, withdrawal_id: int) -> Withdrawal:
        """Return an own withdrawal."""
        return await self._in_thread(partial(self._rest.withdrawal, withdrawal_id))

    async def cancel_withdrawal(self, withdrawal_id: int) -> Withdrawal:
        """Take back a withdrawal that is only requested."""
        return await self._in_thread(partial(self._rest.cancel_withdrawal, withdrawal_id))

    async def allow_list(self) -> AllowList:
        """Return where one's withdrawals may go."""
        return await self._in_thread(self._rest.allow_list)

    async def switch_allow_list(self, enabled: bool) -> AllowList:
        """Turn the allow-list on at once, or off after the delay. Needs a fresh login."""
        return await self._in_thread(partial(self._rest.switch_allow_list, enabled))

    async def allow_address(self, asset: str, address: str, label: str = "") -> AllowedAddress:
        """Add an address to the allow-list; it counts after the delay. Needs a fresh login."""
        return await self._in_thread(partial(self._rest.allow_address, asset, address, label))

    async def disallow_address(self, address_id: int) -> None:
        """Take an address off the allow-list, at once. Needs a fresh login."""
        await self._in_thread(partial(self._rest.disallow_address, address_id))

    async def deposit_addresses(self, asset: str | None = None) -> list[DepositAddress]:
        """Return where one receives an asset, or each of them."""
        return await self._in_thread(partial(self._rest.deposit_addresses, asset))

    async def _in_thread(self, ask: Callable[[], T]) -> T:
        return await asyncio.to_thread(ask)
