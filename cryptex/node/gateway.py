"""The API gateway: what is asked, checked and turned into commands. Everything it denies is a Refusal, never journaled.

Denied here: form, rate, unknown market or asset, tick_size and lot_size. The rest is for the engine to reject.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cryptex.node.core import Core
from cryptex.node.order_shape import check_shape
from cryptex.node.rates import Rates
from cryptex.protocol.amounts import amount_text
from cryptex.protocol.commands import AmendOrder, CancelAfter, CancelAll, Deposit, Grant, PlaceOrder
from cryptex.protocol.market import Asset, Market, market_symbol
from cryptex.protocol.order import Order
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.requests import (
    AmendForm,
    AmendParams,
    CancelAfterParams,
    DepositForm,
    PlaceForm,
    SimplePlaceForm,
    WithdrawalForm,
)
from cryptex.protocol.terms import (
    AMOUNT_LIMIT,
    LIMIT_PRICED,
    NANOSECONDS_PER_SECOND,
    STOP_PRICED,
    OrderType,
    TimeInForce,
)
from cryptex.protocol.times import time_ns

FAUCET_BALANCE_MAX: Final = AMOUNT_LIMIT // 1000
"""Atomic units of an asset that an account may have by the faucet, so that nobody fills what the exchange can count."""

DEFAULT_QUOTE: Final = "USDT"
"""The quote that the short form of an order means, where a market with it exists."""

_GTD: Final = TimeInForce.GTD


class Gateway:
    """Turns forms into commands by the markets and limits of a node."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._coming_in: Counter[tuple[int, str]] = Counter()
        self.rates = Rates(core.settings.limits, core.clock)

    def market(self, name: str) -> Market:
        """Return a market by any spelling of its name. Raises Refusal(unknown_market)."""
        exchange = self._core.exchange
        found = exchange.market(name) or exchange.market(market_symbol(name))
        if found is None:
            raise Refusal(Code.UNKNOWN_MARKET, f"there is no market {name[:40]!r}", market=name[:40])
        return found

    def market_name(self, name: str | None) -> str:
        """Return the symbol of a market that may be left out (then empty). Raises Refusal(unknown_market)."""
        return "" if name is None else self.market(name).symbol

    def market_of(self, cryptocurrency: str) -> Market:
        """Return the market of an asset against the default quote. Raises Refusal(unknown_market)."""
        exchange = self._core.exchange
        base = cryptocurrency.upper()
        found = exchange.market(f"{base}-{DEFAULT_QUOTE}")
        if found is None:
            found = next((market for market in exchange.markets.values() if market.base.symbol == base), None)
        return self.market(cryptocurrency) if found is None else found

    def asset(self, name: str) -> Asset:
        """Return an asset. Raises Refusal(unknown_asset)."""
        found = self._core.exchange.assets.get(name.upper())
        if found is None:
            raise Refusal(Code.UNKNOWN_ASSET, f"there is no asset {name[:20]!r}", asset=name[:20])
        return found

    def opening_grants(self) -> tuple[Grant, ...]:
        """Return what a new account is given."""
        opening = self._core.settings.opening
        return tuple(Grant(asset, units) for asset, units in opening.items() if units)

    def place(self, account_id: int, form: PlaceForm, connection_id: int = 0) -> PlaceOrder:
        """Return the command of an order form. Raises Refusal for what no market state could accept."""
        market = self.market(form.market)
        price, stop_price = amount_text(form.price, "price"), amount_text(form.stop_price, "stop_price")
        size, quote_size = amount_text(form.size, "size"), amount_text(form.quote_size, "quote_size")
        time_in_force = check_shape(
            form.type,
            form.side,
            form.time_in_force,
            price is not None,
            stop_price is not None,
            size is not None,
            quote_size is not None,
            form.post_only,
        )
        client_order_id = form.client_order_id or ""
        return PlaceOrder(
            account_id,
            market.symbol,
            form.side,
            form.type,
            0 if size is None else market.size_lots(size),
            0 if price is None else market.price_ticks(price),
            time_in_force,
            form.post_only,
            form.self_trade_prevention,
            client_order_id,
            0 if quote_size is None else _above_zero(market.quote.units(quote_size, "quote_size"), "quote_size"),
            0 if stop_price is None else market.price_ticks(stop_price, "stop_price"),
            0
            if form.expires_at is None and time_in_force is not _GTD
            else self._expiry_ns(account_id, form.expires_at, client_order_id, time_in_force),
            connection_id,
        )

    def place_simple(self, account_id: int, form: SimplePlaceForm) -> tuple[PlaceOrder, Market]:
        """Return the command of the short form, and its market. Raises Refusal: forbidden for another's user_id ..."""
        if form.user_id is not None and form.user_id != account_id:
            raise Refusal(Code.FORBIDDEN, "user_id is not the user of this token", field="user_id")
        market = self.market_of(form.cryptocurrency)
        size, price = amount_text(form.amount, "amount"), amount_text(form.price, "price")
        if size is None:
            raise invalid("amount", "amount must be given")
        order_type = OrderType.MARKET if price is None else OrderType.LIMIT
        command = PlaceOrder(
            account_id,
            market.symbol,
            form.side,
            order_type,
            market.size_lots(size, "amount"),
            0 if price is None else market.price_ticks(price),
            TimeInForce.IOC if price is None else TimeInForce.GTC,
        )
        return command, market

    def amend(self, order: Order, form: AmendForm | AmendParams) -> AmendOrder:
        """Return the command that gives an order new values. Raises Refusal."""
        price, size = amount_text(form.price, "price"), amount_text(form.size, "size")
        stop_price = amount_text(form.stop_price, "stop_price")
        if price is None and size is None and stop_price is None:
            raise invalid("price", "an amend needs a price, a size or a stop_price")
        if price is not None and order.request.type not in LIMIT_PRICED:
            raise invalid("price", f"a {order.request.type.value} order has no price")
        if stop_price is not None and order.request.type not in STOP_PRICED:
            raise invalid("stop_price", f"a {order.request.type.value} order has no stop_price")
        market = self.market(order.market)
        return AmendOrder(
            order.account_id,
            order.order_id,
            0 if price is None else market.price_ticks(price),
            0 if size is None else market.size_lots(size),
            0 if stop_price is None else market.price_ticks(stop_price, "stop_price"),
        )

    def cancel_all(self, account_id: int, market: str | None) -> CancelAll:
        """Return the command that cancels all orders of an account, in one market or all. Raises Refusal."""
        return CancelAll(account_id, self.market_name(market))

    def cancel_after(self, account_id: int, form: CancelAfterParams) -> CancelAfter:
        """Return the command that sets the dead man's switch."""
        return CancelAfter(account_id, form.seconds * NANOSECONDS_PER_SECOND)

    def deposit(self, account_id: int, form: DepositForm) -> Deposit:
        """Return the command of a deposit from the faucet. Raises Refusal: faucet_disabled, faucet_limit ..."""
        settings = self._core.settings
        if not settings.faucet_enabled:
            raise Refusal(Code.FAUCET_DISABLED, "this node's faucet is off")
        asset, units = self.funds(form)
        limit = settings.faucet_max.get(asset.symbol)
        if limit is not None and units > limit:
            maximum = asset.text(limit)
            detail = f"a deposit holds at most {maximum} {asset.symbol}"
            raise Refusal(Code.FAUCET_LIMIT, detail, maximum=maximum, asset=asset.symbol)
        command = Deposit(account_id, asset.symbol, units, form.reference or "")
        self._check_balance(command, asset)
        return command

    @contextmanager
    def coming_in(self, command: Deposit) -> Iterator[None]:
        """Count a deposit that is on its way, so that many at once are held to the same total."""
        key = command.account_id, command.asset
        self._coming_in[key] += command.units
        try:
            yield
        finally:
            self._coming_in[key] -= command.units
            if not self._coming_in[key]:
                del self._coming_in[key]

    def _check_balance(self, command: Deposit, asset: Asset) -> None:
        """Raise Refusal(faucet_limit) where an account has enough. A repetition brings nothing in, and is let by."""
        exchange = self._core.exchange
        if command.reference and exchange.entry_id_for(command.account_id, command.reference) is not None:
            return
        has = sum(exchange.balance(command.account_id, asset.symbol))
        has += self._coming_in[command.account_id, asset.symbol]
        if has + command.units <= FAUCET_BALANCE_MAX:
            return
        maximum = asset.text(max(0, FAUCET_BALANCE_MAX - has))
        detail = f"the faucet fills an account up to {asset.text(FAUCET_BALANCE_MAX)} {asset.symbol}"
        raise Refusal(Code.FAUCET_LIMIT, detail, maximum=maximum, asset=asset.symbol)

    def funds(self, form: DepositForm | WithdrawalForm) -> tuple[Asset, int]:
        """Return the asset of a transfer and its amount in atomic units. Raises Refusal."""
        asset = self.asset(form.asset)
        text = amount_text(form.amount, "amount")
        if text is None:
            raise invalid("amount", "amount must be given")
        return asset, _above_zero(asset.units(text), "amount")

    def _expiry_ns(self, account_id: int, text: str | None, client_order_id: str, kind: TimeInForce) -> int:
        if (kind is TimeInForce.GTD) != (text is not None):
            raise invalid("expires_at", "expires_at and time_in_force gtd need each other")
        if text is None:
            return 0
        past_ns = 0 if self._is_repeat(account_id, client_order_id) else self._core.clock.now_ns()
        return future_ns(text, past_ns)

    def _is_repeat(self, account_id: int, client_order_id: str) -> bool:
        """Whether the engine knows the key: a repetition is answered with its order, however late it comes."""
        exchange = self._core.exchange
        return bool(client_order_id) and exchange.order_id_for(account_id, client_order_id) is not None


def future_ns(text: str, now_ns: int) -> int:
    """Return the time that `expires_at` says. Raises Refusal unless it is one, and after `now_ns`."""
    try:
        expires_ns = time_ns(text)
    except (ValueError, OverflowError):
        raise invalid("expires_at", "expires_at must be a time such as 2026-11-22T15:40:03Z") from None
    if expires_ns <= now_ns:
        raise invalid("expires_at", "expires_at has passed")
    return expires_ns


def _above_zero(units: int, field: str) -> int:
    if units == 0:
        raise invalid(field, f"{field} must be above zero")
    return units
