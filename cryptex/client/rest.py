"""The node's REST interface as plain functions, for scripts and the command line; imports no asyncio, no websockets."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from cryptex.client.caller import Query, RestCaller, decode_page, market_path, segment
from cryptex.client.errors import AccessError, invalid_request
from cryptex.client.forms import (
    Amount,
    Fields,
    amend_fields,
    api_key_fields,
    deposit_fields,
    place_fields,
    time_field,
    withdrawal_fields,
)
from cryptex.client.models import (
    AllowedAddress,
    AllowList,
    ApiKey,
    Asset,
    Balance,
    Book,
    Candle,
    DepositAddress,
    Entry,
    Fill,
    Fresh,
    Health,
    Market,
    MarketData,
    Me,
    OpenSession,
    Order,
    Page,
    SecondFactor,
    Session,
    Ticker,
    Trade,
    User,
    Withdrawal,
)
from cryptex.client.signing import ed25519_token, new_ed25519
from cryptex.protocol.api_keys import KeyKind
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import BOOK_DEPTH_DEFAULT
from cryptex.protocol.terms import (
    Interval,
    OrderStatus,
    OrderType,
    Scope,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)
from cryptex.protocol.views import EndedSessions, RecoveryCodes, SecondFactorSecret


class RestClient(RestCaller):
    """One node, over REST. Each method is one request; all may be called from several threads.

    Raises the exceptions of `cryptex.client.errors`. `token` is sent with each request when it is set; `login` sets it.
    """

    def register(self, username: str, password: str, email: str | None = None) -> User:
        """Register a user."""
        fields: Fields = {"username": username, "password": password}
        if email is not None:
            fields["email"] = email
        return self._send("POST", "/users", User, fields)

    def login(self, username: str, password: str, code: str | None = None) -> Session:
        """Log in; the token of the session is used from here on.

        Raises AccessError(second_factor_required) where a `code` of the second factor, or a recovery code, is missing.
        """
        # A session whose token was lost on the way expires unused: one may simply log in again.
        fields = _with_code({"username": username, "password": password}, code)
        session = self._send("POST", "/sessions", Session, fields, changes=False)
        self.token = session.token
        return session

    def logout(self) -> None:
        """End the session of the token, and forget the token."""
        self._request("DELETE", "/sessions/current")
        self.token = None

    def me(self) -> Me:
        """Return whom the token speaks for."""
        return self._get("/users/me", Me)

    def reauthenticate(self, password: str, code: str | None = None) -> datetime:
        """Show who one is once more; return until when the login counts as fresh. Needs a login's token.

        API keys are made by a fresh login alone, for example; an older one gets `reauthentication_required`.
        """
        path = "/sessions/current/reauthentication"
        return self._send("POST", path, Fresh, _with_code({"password": password}, code), changes=False).fresh_until

    def second_factor(self) -> SecondFactor:
        """Return how it stands with one's second factor. Needs a login's token."""
        return self._get("/users/me/second_factor", SecondFactor)

    def begin_second_factor(self) -> SecondFactorSecret:
        """Return a new secret; it counts once `confirm_second_factor` was given a code of it. Needs a fresh login."""
        return self._send("POST", "/users/me/second_factor", SecondFactorSecret, None, changes=False)

    def confirm_second_factor(self, code: str) -> list[str]:
        """Turn the second factor on; return the recovery codes, which are shown this once. Needs a fresh login."""
        path = "/users/me/second_factor/confirmation"
        return self._send("POST", path, RecoveryCodes, {"code": code}).recovery_codes

    def disable_second_factor(self) -> None:
        """Turn the second factor off. Needs a fresh login."""
        self._request("DELETE", "/users/me/second_factor", changes=True)

    def renew_recovery_codes(self) -> list[str]:
        """Return new recovery codes, which are shown this once; those before end. Needs a fresh login."""
        return self._send("POST", "/users/me/second_factor/recovery_codes", RecoveryCodes, None).recovery_codes

    def change_password(self, password: str, new_password: str, code: str | None = None) -> None:
        """Change the password, given the present one. All other logins of the user end; API keys stay.

        Needs a login's token. One that is not fresh is made so by the password and, with a second factor, the `code`:
        raises AccessError(second_factor_required) where that is missing.
        """
        fields: Fields = {"password": password, "new_password": new_password}
        path = "/users/me/password"
        try:
            self._request("POST", path, fields, changes=True)
        except AccessError as error:
            if error.code is not Code.REAUTHENTICATION_REQUIRED:
                raise
            self.reauthenticate(password, code)
            self._request("POST", path, fields, changes=True)

    def sessions(self) -> list[OpenSession]:
        """Return own logins, the one used last first. Needs a login's token."""
        return self._list("/sessions", "sessions", OpenSession)

    def revoke_session(self, session_id: str) -> None:
        """End a login, and the connections that speak for it. Needs a login's token."""
        self._request("DELETE", f"/sessions/{segment(session_id)}", changes=True)

    def end_other_sessions(self) -> int:
        """End all own logins but this one; return how many. Needs a login's token."""
        return self._send("DELETE", "/sessions", EndedSessions, None).ended

    def create_key(
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
        pair = new_ed25519() if kind == KeyKind.ED25519 else None
        public_key = None if pair is None else pair[1]
        fields = api_key_fields(
            label, scopes, expires_at, kind=kind, public_key=public_key, allowed_addresses=allowed_addresses
        )
        key = self._send("POST", "/api_keys", ApiKey, fields)
        return key if pair is None else msgspec.structs.replace(key, secret=ed25519_token(key.id, pair[0]))

    def keys(self) -> list[ApiKey]:
        """Return own API keys, newest first, without their secrets. Needs a login's token."""
        return self._list("/api_keys", "api_keys", ApiKey)

    def revoke_key(self, key_id: int) -> None:
        """End an API key, and the connections that speak for it. Needs a login's token."""
        self._request("DELETE", f"/api_keys/{int(key_id)}", changes=True)

    def place_order(
        self,
        market: str,
        side: Side | str,
        size: Amount | None = None,
        *,
        price: Amount | None = None,
        type: OrderType | str | None = None,  # noqa: A002 (the contract's word)
        quote_size: Amount | None = None,
        stop_price: Amount | None = None,
        time_in_force: TimeInForce | str | None = None,
        expires_at: datetime | str | None = None,
        post_only: bool = False,
        self_trade_prevention: SelfTradePrevention | str | None = None,
        client_order_id: str | None = None,
    ) -> Order:
        """Place an order: limit with a `price`, else market; stop_limit or stop with a `stop_price`."""
        fields = place_fields(
            market,
            side,
            size,
            price=price,
            type=type,
            quote_size=quote_size,
            stop_price=stop_price,
            time_in_force=time_in_force,
            expires_at=expires_at,
            post_only=post_only,
            self_trade_prevention=self_trade_prevention,
            client_order_id=client_order_id,
        )
        return self._send("POST", "/orders", Order, fields)

    def amend_order(
        self,
        order_id: int,
        *,
        price: Amount | None = None,
        size: Amount | None = None,
        stop_price: Amount | None = None,
    ) -> Order:
        """Change an open order; `size` is the new total size."""
        fields = amend_fields(price=price, size=size, stop_price=stop_price)
        return self._send("PATCH", f"/orders/{int(order_id)}", Order, fields)

    def cancel_order(self, order_id: int | None = None, *, client_order_id: str | None = None) -> Order:
        """Cancel an open order; by client_order_id it is looked up first."""
        if (order_id is None) == (client_order_id is None):
            raise invalid_request("name an order by order_id or by client_order_id, not both", "id")
        if client_order_id is not None:
            order_id = self.order_by_client_id(client_order_id).id
        return self._send("DELETE", f"/orders/{order_id}", Order, None)

    def cancel_all(self, market: str | None = None) -> list[int]:
        """Cancel all open orders, of one market if given; return their ids."""
        data = self._request("DELETE", "/orders", query={"market": market}, changes=True).data
        return decode_page(data, "canceled", int, changes=True)

    def orders(
        self,
        *,
        status: OrderStatus | str | None = None,
        market: str | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> Page[Order]:
        """Return own orders, newest first."""
        query: Query = {"status": status, "market": market, "limit": limit, "before": before}
        return self._list("/orders", "orders", Order, query)

    def order(self, order_id: int) -> Order:
        """Return an own order."""
        return self._get(f"/orders/{int(order_id)}", Order)

    def order_by_client_id(self, client_order_id: str) -> Order:
        """Return the own order that was placed with this client_order_id."""
        return self._get(f"/orders/by-client-id/{segment(client_order_id)}", Order)

    def fills(
        self,
        *,
        market: str | None = None,
        order_id: int | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> Page[Fill]:
        """Return own fills, newest first."""
        query: Query = {"market": market, "order_id": order_id, "limit": limit, "before": before}
        return self._list("/fills", "fills", Fill, query)

    def wallet(self) -> list[Balance]:
        """Return own balances."""
        return self._list("/wallet", "balances", Balance)

    def deposit(self, asset: str, amount: Amount, reference: str | None = None) -> Entry:
        """Deposit simulated funds; the same reference never deposits twice."""
        return self._send("POST", "/wallet/deposits", Entry, deposit_fields(asset, amount, reference))

    def withdraw(self, asset: str, amount: Amount, address: str, reference: str | None = None) -> Withdrawal:
        """Have available funds sent to an address; the same reference never sends them twice.

        They are held from now on and leave when the network confirms it: `withdrawal` tells how far it is.
        """
        fields = withdrawal_fields(asset, amount, address, reference)
        return self._send("POST", "/wallet/withdrawals", Withdrawal, fields)

    def withdrawals(
        self, *, status: WithdrawalStatus | str | None = None, limit: int | None = None, before: int | None = None
    ) -> Page[Withdrawal]:
        """Return own withdrawals, newest first."""
        query: Query = {"status": status, "limit": limit, "before": before}
        return self._list("/wallet/withdrawals", "withdrawals", Withdrawal, query)

    def withdrawal(self, withdrawal_id: int) -> Withdrawal:
        """Return an own withdrawal."""
        return self._get(f"/wallet/withdrawals/{int(withdrawal_id)}", Withdrawal)

    def cancel_withdrawal(self, withdrawal_id: int) -> Withdrawal:
        """Take back a withdrawal that is only requested."""
        return self._send("DELETE", f"/wallet/withdrawals/{int(withdrawal_id)}", Withdrawal, None)

    def deposit_addresses(self, asset: str | None = None) -> list[DepositAddress]:
        """Return where one receives an asset, or each of them."""
        return self._list("/wallet/addresses", "addresses", DepositAddress, {"asset": asset})

    def allow_list(self) -> AllowList:
        """Return where one's withdrawals may go."""
        return self._get("/wallet/allow_list", AllowList)

    def switch_allow_list(self, enabled: bool) -> AllowList:
        """Turn the allow-list on at once, or off after the delay. Needs a fresh login."""
        return self._send("PATCH", "/wallet/allow_list", AllowList, {"enabled": enabled})

    def allow_address(self, asset: str, address: str, label: str = "") -> AllowedAddress:
        """Add an address to the allow-list; it counts after the delay. Needs a fresh login."""
        fields: Fields = {"asset": asset, "address": address, "label": label}
        return self._send("POST", "/wallet/allow_list", AllowedAddress, fields)

    def disallow_address(self, address_id: int) -> None:
        """Take an address off the allow-list, at once. Needs a fresh login."""
        self._request("DELETE", f"/wallet/allow_list/{int(address_id)}", changes=True)

    def entries(self, *, limit: int | None = None, before: int | None = None) -> Page[Entry]:
        """Return own ledger entries, newest first."""
        return self._list("/wallet/entries", "entries", Entry, {"limit": limit, "before": before})

    def markets(self) -> list[Market]:
        """Return all markets."""
        return self._list("/markets", "markets", Market)

    def assets(self) -> list[Asset]:
        """Return all assets."""
        return self._list("/assets", "assets", Asset)

    def market_data(self, market: str, depth: int = BOOK_DEPTH_DEFAULT) -> MarketData:
        """Return ticker and book of a market."""
        return self._get("/market_data", MarketData, {"market": market, "depth": depth})

    def ticker(self, market: str) -> Ticker:
        """Return the ticker of a market."""
        return self._get(market_path(market, "ticker"), Ticker)

    def tickers(self) -> list[Ticker]:
        """Return the tickers of all markets."""
        return self._list("/market_data", "tickers", Ticker)

    def book(self, market: str, depth: int = BOOK_DEPTH_DEFAULT) -> Book:
        """Return the best `depth` levels of each side of a book."""
        return self._get(market_path(market, "book"), Book, {"depth": depth})

    def trades(self, market: str, *, limit: int | None = None, before: int | None = None) -> Page[Trade]:
        """Return public trades, newest first."""
        return self._list(market_path(market, "trades"), "trades", Trade, {"limit": limit, "before": before})

    def candles(
        self,
        market: str,
        interval: Interval | str = Interval.M1,
        *,
        limit: int | None = None,
        before: datetime | str | None = None,
    ) -> Page[Candle]:
        """Return candles, newest first; `before` is a time."""
        until = None if before is None else time_field(before, "before")
        query: Query = {"interval": interval, "limit": limit, "before": until}
        return self._list(market_path(market, "candles"), "candles", Candle, query)

    def health(self) -> Health:
        """Return where the node stands. Raises UnavailableError while it is not ready."""
        return self._get("/health/ready", Health)


def _with_code(fields: Fields, code: str | None) -> Fields:
    return fields if code is None else {**fields, "code": code}
