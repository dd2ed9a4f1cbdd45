"""Assets and markets: definitions that are refused, and numbers that go in and out unchanged."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.protocol.market import Market, define_asset, define_market, market_symbol, rate_text
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT

BTC, ETH, USDT = define_asset("BTC", "Bitcoin", 8), define_asset("ETH", "Ether", 8), define_asset("USDT", "Tether", 8)


def defined(**changes: Any) -> Market:
    """BTC-USDT as it is by default, with changes."""
    said = {"tick_size": "0.01", "lot_size": "0.00001", "min_notional": "5", "maker_fee": "0.001", "taker_fee": "0.001"}
    bands = {"price_band": None, "reference_price": None}
    base, quote = changes.pop("base", BTC), changes.pop("quote", USDT)
    return define_market(base, quote, **{**said, **bands, **changes})


def refused(**changes: Any) -> tuple[Code, object]:
    with pytest.raises(Refusal) as caught:
        defined(**changes)
    return caught.value.code, caught.value.details["field"]


@pytest.mark.parametrize(
    ("base", "quote", "tick", "lot", "least"),
    [
        (BTC, USDT, "0.01", "0.00001", "5"),
        (ETH, USDT, "0.01", "0.0001", "5"),
        (BTC, USDT, "0.01", "0.001", "5"),
        (ETH, BTC, "0.00001", "0.001", "0.0001"),
    ],
)
def test_the_default_markets_are_sound(base: Any, quote: Any, tick: str, lot: str, least: str) -> None:
    market = defined(base=base, quote=quote, tick_size=tick, lot_size=lot, min_notional=least)
    assert (market.tick_size_text, market.lot_size_text) == (tick, lot)
    assert market.symbol == f"{base.symbol}-{quote.symbol}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tick_size": "0"}, "tick_size"),
        ({"lot_size": "0.000"}, "lot_size"),
        ({"tick_size": "-1"}, "tick_size"),
        ({"lot_size": "1e-5"}, "lot_size"),
        ({"min_notional": "x"}, "min_notional"),
        ({"maker_fee": "1"}, "maker_fee"),
        ({"taker_fee": "1.5"}, "taker_fee"),
        ({"maker_fee": "-0.001"}, "maker_fee"),
        ({"price_band": "0.5"}, "reference_price"),
        ({"price_band": "0", "reference_price": "1"}, "price_band"),
        ({"price_band": "101", "reference_price": "1"}, "price_band"),
        ({"price_band": "0.5", "reference_price": "0"}, "reference_price"),
        ({"tick_size": "0.00001", "lot_size": "0.00001"}, "tick_size"),
        ({"base": define_asset("BTC", "Bitcoin", 4)}, "lot_size"),
        ({"quote": define_asset("USDT", "Tether", 6)}, "tick_size"),
        ({"quote": BTC}, "symbol"),
    ],
)
def test_a_bad_definition_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    assert refused(**changes) == (Code.INVALID_REQUEST, field)


def test_a_reference_price_between_ticks_is_refused() -> None:
    assert refused(price_band="0.5", reference_price="1.001") == (Code.TICK_SIZE, "reference_price")


@pytest.mark.parametrize("symbol", ["", "btc", "B-C", "BTC ", "A" * 17, "\u00c9", "\u0661"])
def test_a_bad_asset_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(Refusal):
        define_asset(symbol, "x", 8)


@pytest.mark.parametrize("decimals", [-1, 9])
def test_bad_decimals_are_refused(decimals: int) -> None:
    with pytest.raises(Refusal) as caught:
        define_asset("X", "x", decimals)
    assert caught.value.details["field"] == "decimals"


def test_prices_and_sizes_off_their_steps_are_named() -> None:
    market = defined(lot_size="0.05", tick_size="0.5")
    with pytest.raises(Refusal) as price:
        market.price_ticks("1.25")
    assert (price.value.code, price.value.details) == (Code.TICK_SIZE, {"field": "price", "tick_size": "0.5"})
    with pytest.raises(Refusal) as size:
        market.size_lots("0.12")
    assert (size.value.code, size.value.details) == (Code.LOT_SIZE, {"field": "size", "lot_size": "0.05"})


@pytest.mark.parametrize("text", ["0", "0.00", "0.00000000"])
def test_zero_is_no_price_and_no_size(text: str) -> None:
    for convert in (defined().price_ticks, defined().size_lots):
        with pytest.raises(Refusal) as caught:
            convert(text)
        assert caught.value.code is Code.INVALID_REQUEST


def test_an_amount_finer_than_a_unit_is_refused() -> None:
    cents = define_asset("EUR", "Euro", 2)
    assert cents.units("1.50") == 150
    assert cents.units("1.50000000") == 150
    with pytest.raises(Refusal) as caught:
        cents.units("1.505")
    assert caught.value.code is Code.INVALID_REQUEST
    assert define_asset("ONE", "Whole", 0).text(7) == "7"


def test_texts_always_carry_the_decimals_of_their_step() -> None:
    market = defined()
    assert market.price_text(4_500_000) == "45000.00"
    assert market.size_text(50_000) == "0.50000"
    assert USDT.text(-5) == "-0.00000005"
    whole = defined(tick_size="100", lot_size="10")
    assert (whole.price_text(3), whole.size_text(4)) == ("300", "40")


STEPS = st.sampled_from(["0.00000001", "0.00025", "0.01", "0.05", "0.5", "1", "2.5", "10", "100"])


@given(tick=STEPS, lot=STEPS, ticks=st.integers(1, 10**12), lots=st.integers(1, 10**6))
def test_round_trips(tick: str, lot: str, ticks: int, lots: int) -> None:
    if Decimal(tick) * Decimal(lot) % Decimal("0.00000001"):
        assert refused(tick_size=tick, lot_size=lot) == (Code.INVALID_REQUEST, "tick_size")
        return
    market = defined(tick_size=tick, lot_size=lot)
    assert market.price_ticks(market.price_text(ticks)) == ticks
    assert market.size_lots(market.size_text(lots)) == lots
    assert Decimal(market.price_text(ticks)) == ticks * Decimal(tick)
    assert Decimal(market.size_text(lots)) == lots * Decimal(lot)
    notional = Decimal(market.price_text(ticks)) * Decimal(market.size_text(lots))
    assert ticks * lots * market.notional_units == notional.scaleb(8)
    assert lots * market.lot_units == Decimal(market.size_text(lots)).scaleb(8)


@given(st.integers(0, AMOUNT_LIMIT - 1), st.integers(0, 8))
def test_asset_round_trip(units: int, decimals: int) -> None:
    asset = define_asset("X", "x", decimals)
    text = asset.text(units)
    if len(text.partition(".")[0]) <= 18:
        assert asset.units(text) == units


@given(st.integers(0, 10**15), st.integers(1, 10**9))
def test_the_average_price_is_rounded_half_up_to_the_tick_decimals(quote_units: int, lots: int) -> None:
    market = defined()
    base = Decimal(lots * market.lot_units).scaleb(-8)
    exact = (Decimal(quote_units).scaleb(-8) / base).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert market.average_price_text(quote_units, lots) == str(exact)


def test_no_lots_have_no_average_price() -> None:
    assert defined().average_price_text(0, 0) is None


@pytest.mark.parametrize(
    ("rate_e8", "text"),
    [(0, "0.0000"), (100_000, "0.0010"), (50_000_000, "0.5000"), (1, "0.00000001"), (12_345, "0.00012345")],
)
def test_rates_have_at_least_four_decimals(rate_e8: int, text: str) -> None:
    assert rate_text(rate_e8) == text


@pytest.mark.parametrize("written", ["BTC-USDT", "BTC/USDT", "btc-usdt", "btc/usdt", "Btc/Usdt"])
def test_market_names_are_understood_as_people_write_them(written: str) -> None:
    assert market_symbol(written) == "BTC-USDT"


def test_a_market_name_is_bounded() -> None:
    assert len(market_symbol("x" * 10_000)) <= 40
