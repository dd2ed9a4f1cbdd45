"""Assets and markets: what is traded, in which steps, and how its numbers are written.

A price is a whole number of ticks, a size a whole number of lots, any other amount a whole number of an asset's
atomic units. `Market` and `Asset` convert each to and from decimal text.
"""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Final, Protocol

import msgspec

from cryptex.protocol.amounts import FRACTION_DIGITS_MAX, POWERS_OF_TEN, SCALE, decimal_text, scaled
from cryptex.protocol.durations import duration_seconds
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT, NANOSECONDS_PER_SECOND, SYMBOL_LENGTH_MAX, MarketState

ASSET_DECIMALS_MAX: Final = FRACTION_DIGITS_MAX
MARKET_SYMBOL_LENGTH_MAX: Final = 2 * SYMBOL_LENGTH_MAX + 1
PRICE_BAND_MAX: Final = 100 * SCALE
HALT_MOVE_MAX: Final = 100 * SCALE
HALT_WINDOW_SECONDS_MAX: Final = 3_600
PHASE_SECONDS_MAX: Final = 24 * 3_600
"""The longest halt that a breaker calls, and the longest auction."""
_ASSET_SYMBOL: Final = re.compile(rf"[A-Z0-9]{{1,{SYMBOL_LENGTH_MAX}}}", re.ASCII)


class Asset(msgspec.Struct, frozen=True):
    """Something that is held: `decimals` says how many atomic units make one."""

    symbol: str
    name: str
    decimals: int

    def units(self, text: str, field: str = "amount") -> int:
        """Return `text` in atomic units. Raises Refusal: invalid_request when finer than a unit, amount_too_large."""
        amount = scaled(text, field)
        units, rest = divmod(amount, POWERS_OF_TEN[FRACTION_DIGITS_MAX - self.decimals])
        if rest:
            detail = f"{field} has more than the {self.decimals} decimals of {self.symbol}"
            raise Refusal(Code.INVALID_REQUEST, detail, field=field)
        return _bounded(units, field)

    def text(self, units: int) -> str:
        """Return atomic units as decimal text with the asset's decimals."""
        return decimal_text(units, self.decimals)


class CircuitBreaker(msgspec.Struct, frozen=True):
    """When a market halts by itself: a trade further than the move from any trade of the window; and for how long."""

    halt_move_e8: int
    halt_window_seconds: int
    halt_duration_ns: int


CONVERSIONS_KEPT_MAX: Final = 1 << 12
"""Prices, and sizes, of a market whose conversions are remembered, each way."""


class ToSteps(Protocol):
    """Turns an amount's text into steps of a market; `field` is named where that is refused."""

    def __call__(self, text: str, field: str = ..., /) -> int:
        """Return the steps. Raises Refusal."""


class Market(msgspec.Struct, frozen=True, dict=True):
    """A base asset traded against a quote asset, with its steps, least notional, fees, price band and breaker.

    `*_e8` fields are whole numbers of 1e-8. `state` says what the market accepts. A halt ends in an auction of
    `auction_duration_ns`; with 0 the market uncrosses at once.
    """

    symbol: str
    base: Asset
    quote: Asset
    tick_e8: int
    lot_e8: int
    min_notional_units: int
    maker_fee_e8: int
    taker_fee_e8: int
    price_band_e8: int | None = None
    reference_price_ticks: int | None = None
    state: MarketState = MarketState.OPEN
    breaker: CircuitBreaker | None = None
    auction_duration_ns: int = 0

    @cached_property
    def lot_units(self) -> int:
        """Base atomic units in a lot."""
        return self.lot_e8 * POWERS_OF_TEN[self.base.decimals] // SCALE

    @cached_property
    def notional_units(self) -> int:
        """Quote atomic units in one tick times one lot."""
        return self.tick_e8 * self.lot_e8 * POWERS_OF_TEN[self.quote.decimals] // SCALE**2

    @cached_property
    def price_decimals(self) -> int:
        """Decimals of the tick."""
        return _step_decimals(self.tick_e8)

    @cached_property
    def size_decimals(self) -> int:
        """Decimals of the lot."""
        return _step_decimals(self.lot_e8)

    @cached_property
    def tick_units(self) -> int:
        """The tick in units of its own last decimal."""
        return self.tick_e8 // POWERS_OF_TEN[FRACTION_DIGITS_MAX - self.price_decimals]

    @cached_property
    def lot_steps(self) -> int:
        """The lot in units of its own last decimal."""
        return self.lot_e8 // POWERS_OF_TEN[FRACTION_DIGITS_MAX - self.size_decimals]

    # Prices and sizes come back again and again, and every order has some: each is converted once.

    @cached_property
    def price_ticks(self) -> ToSteps:
        """Return a price in ticks. Raises Refusal: invalid_request (zero too), tick_size, amount_too_large."""
        return lru_cache(CONVERSIONS_KEPT_MAX)(partial(_price_ticks, self))

    @cached_property
    def size_lots(self) -> ToSteps:
        """Return a size in lots. Raises Refusal: invalid_request (zero too), lot_size, amount_too_large."""
        return lru_cache(CONVERSIONS_KEPT_MAX)(partial(_size_lots, self))

    @cached_property
    def price_text(self) -> Callable[[int], str]:
        """Return a price in ticks as text with the decimals of the tick."""
        return lru_cache(CONVERSIONS_KEPT_MAX)(partial(_price_text, self))

    @cached_property
    def size_text(self) -> Callable[[int], str]:
        """Return a size in lots as text with the decimals of the lot."""
        return lru_cache(CONVERSIONS_KEPT_MAX)(partial(_size_text, self))

    def average_price_text(self, quote_units: int, lots: int) -> str | None:
        """Return quote paid per base received, rounded half up to the tick's decimals; None without lots."""
        if lots == 0:
            return None
        numerator = quote_units * self.tick_units
        denominator = lots * self.notional_units
        return decimal_text((2 * numerator + denominator) // (2 * denominator), self.price_decimals)

    @cached_property
    def zero_size_text(self) -> str:
        """No size at all, with the decimals of the lot."""
        return self.size_text(0)

    @property
    def tick_size_text(self) -> str:
        """The price step as decimal text."""
        return self.price_text(1)

    @property
    def lot_size_text(self) -> str:
        """The size step as decimal text."""
        return self.size_text(1)

    @property
    def price_band_text(self) -> str | None:
        """The price band as a share of the reference price, or None without one."""
        return None if self.price_band_e8 is None else rate_text(self.price_band_e8)


def rate_text(rate_e8: int) -> str:
    """Return a fee rate or band as decimal text with at least four decimals."""
    text = decimal_text(rate_e8, FRACTION_DIGITS_MAX)
    kept = max(4, len(text.rstrip("0").partition(".")[2]))
    return text[: len(text) - FRACTION_DIGITS_MAX + kept]


def market_symbol(text: str) -> str:
    """Return the canonical name of a market: upper case, joined by a hyphen; bounded in length."""
    return text[:MARKET_SYMBOL_LENGTH_MAX].upper().replace("/", "-")


def define_asset(symbol: str, name: str, decimals: int) -> Asset:
    """Return a checked asset. Raises Refusal(invalid_request) that names what is wrong."""
    if _ASSET_SYMBOL.fullmatch(symbol) is None:
        detail = f"asset symbol {symbol[:40]!r} must be 1-{SYMBOL_LENGTH_MAX} of A-Z and 0-9"
        raise Refusal(Code.INVALID_REQUEST, detail, field="symbol")
    if not 0 <= decimals <= ASSET_DECIMALS_MAX:
        detail = f"decimals of {symbol} must be 0-{ASSET_DECIMALS_MAX}"
        raise Refusal(Code.INVALID_REQUEST, detail, field="decimals")
    return Asset(symbol, name, decimals)


def define_market(
    base: Asset,
    quote: Asset,
    *,
    tick_size: str,
    lot_size: str,
    min_notional: str,
    maker_fee: str,
    taker_fee: str,
    price_band: str | None,
    reference_price: str | None,
    halt_move: str | None = None,
    halt_window: str | None = None,
    halt_duration: str | None = None,
    auction_duration: str | None = None,
) -> Market:
    """Return a checked market from the decimal text of its definition; durations are written as 30s, 5m or 1h.

    Raises Refusal(invalid_request): steps above zero; a lot is a whole number of base units; tick x lot is a whole
    number of quote units; fees below one; a price band needs a reference price; a breaker is whole or not there.
    """
    symbol = f"{base.symbol}-{quote.symbol}"
    if base.symbol == quote.symbol:
        raise Refusal(Code.INVALID_REQUEST, f"{symbol}: base and quote must differ", field="symbol")
    if price_band is not None and reference_price is None:
        detail = f"{symbol}: a price_band needs a reference_price"
        raise Refusal(Code.INVALID_REQUEST, detail, field="reference_price")
    market = Market(
        symbol=symbol,
        base=base,
        quote=quote,
        tick_e8=_above_zero(scaled(tick_size, "tick_size"), "tick_size"),
        lot_e8=_above_zero(scaled(lot_size, "lot_size"), "lot_size"),
        min_notional_units=quote.units(min_notional, "min_notional"),
        maker_fee_e8=_fee(maker_fee, "maker_fee"),
        taker_fee_e8=_fee(taker_fee, "taker_fee"),
        price_band_e8=None if price_band is None else _share(price_band, "price_band", PRICE_BAND_MAX),
        breaker=_breaker(symbol, halt_move, halt_window, halt_duration, auction_duration),
        auction_duration_ns=_phase_ns(auction_duration, "auction_duration"),
    )
    if market.lot_e8 * POWERS_OF_TEN[base.decimals] % SCALE:
        detail = f"{symbol}: a lot must be a whole number of atomic units of {base.symbol}"
        raise Refusal(Code.INVALID_REQUEST, detail, field="lot_size")
    if market.tick_e8 * market.lot_e8 * POWERS_OF_TEN[quote.decimals] % SCALE**2:
        detail = f"{symbol}: tick_size x lot_size must be a whole number of atomic units of {quote.symbol}"
        raise Refusal(Code.INVALID_REQUEST, detail, field="tick_size")
    if reference_price is None:
        return market
    ticks = market.price_ticks(reference_price, "reference_price")
    return msgspec.structs.replace(market, reference_price_ticks=ticks)


def _price_ticks(market: Market, text: str, field: str = "price") -> int:
    ticks = _whole_steps(market, text, field, market.tick_e8, Code.TICK_SIZE)
    _bounded(ticks * market.tick_units, field)
    return ticks


def _size_lots(market: Market, text: str, field: str = "size") -> int:
    lots = _whole_steps(market, text, field, market.lot_e8, Code.LOT_SIZE)
    _bounded(lots * market.lot_units, field)
    _bounded(lots * market.lot_steps, field)
    return lots


def _whole_steps(market: Market, text: str, field: str, step_e8: int, code: Code) -> int:
    """Return an amount above zero in steps. Raises Refusal, with the `code` that is named like the step."""
    steps, rest = divmod(_above_zero(scaled(text, field), field), step_e8)
    if rest:
        step = market.tick_size_text if code is Code.TICK_SIZE else market.lot_size_text
        detail = f"{field} {text} is not a multiple of the {code.value.replace('_', ' ')} {step} of {market.symbol}"
        raise Refusal(code, detail, **{"field": field, code.value: step})
    return steps


def _price_text(market: Market, ticks: int) -> str:
    return decimal_text(ticks * market.tick_units, market.price_decimals)


def _size_text(market: Market, lots: int) -> str:
    return decimal_text(lots * market.lot_steps, market.size_decimals)


def _above_zero(amount: int, field: str) -> int:
    if amount == 0:
        raise Refusal(Code.INVALID_REQUEST, f"{field} must be above zero", field=field)
    return amount


def _bounded(amount: int, field: str) -> int:
    if amount >= AMOUNT_LIMIT:
        raise Refusal(Code.AMOUNT_TOO_LARGE, f"{field} is larger than the exchange can count", field=field)
    return amount


def _fee(text: str, field: str) -> int:
    rate = scaled(text, field)
    if rate >= SCALE:
        raise Refusal(Code.INVALID_REQUEST, f"{field} must be below 1", field=field)
    return rate


def _share(text: str, field: str, most_e8: int) -> int:
    share_e8 = _above_zero(scaled(text, field), field)
    if share_e8 > most_e8:
        raise Refusal(Code.INVALID_REQUEST, f"{field} must be at most {most_e8 // SCALE}", field=field)
    return share_e8


def _breaker(
    symbol: str, move: str | None, window: str | None, duration: str | None, auction: str | None
) -> CircuitBreaker | None:
    if move is None:
        for field, given in (("halt_window", window), ("halt_duration", duration)):
            if given is not None:
                detail = f"{symbol}: a {field} needs a halt_move"
                raise Refusal(Code.INVALID_REQUEST, detail, field="halt_move")
        return None
    for field, given in (("halt_window", window), ("halt_duration", duration), ("auction_duration", auction)):
        if given is None:
            raise Refusal(Code.INVALID_REQUEST, f"{symbol}: a halt_move needs a {field}", field=field)
    return CircuitBreaker(
        halt_move_e8=_share(move, "halt_move", HALT_MOVE_MAX),
        halt_window_seconds=duration_seconds(window or "", "halt_window", HALT_WINDOW_SECONDS_MAX),
        halt_duration_ns=_phase_ns(duration, "halt_duration"),
    )


def _phase_ns(text: str | None, field: str) -> int:
    """Return the length of a halt or an auction; 0 where none is given."""
    return 0 if text is None else duration_seconds(text, field, PHASE_SECONDS_MAX) * NANOSECONDS_PER_SECOND


def _step_decimals(step_e8: int) -> int:
    decimals = FRACTION_DIGITS_MAX
    while decimals and step_e8 % 10 == 0:
        step_e8 //= 10
        decimals -= 1
    return decimals
