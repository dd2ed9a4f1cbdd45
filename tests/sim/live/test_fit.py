"""Scenarios made to fit a node's markets: prices people know, and sizes worth the same everywhere."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cryptex.node.settings import load_settings, market_definition
from cryptex.protocol.market import Asset, Market, define_market
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import AMOUNT_LIMIT
from cryptex.sim import library
from cryptex.sim.live.fit import TYPICAL_PARTS_MIN, check_live, fitted, with_breaker

CALM = library.load("calm")
TYPICAL_USD = Decimal(600)


def market(base: str = "BTC", quote: str = "USDT", decimals: int = 8, **given: Any) -> Market:
    """Return a market's definition."""
    steps = {"tick_size": "0.01", "lot_size": "0.00001", "min_notional": "5", "maker_fee": "0", "taker_fee": "0"}
    assets = (Asset(base, base, decimals), Asset(quote, quote, 8))
    return define_market(*assets, **{**steps, "price_band": None, "reference_price": None, **given})


@pytest.mark.parametrize(
    ("symbol", "price", "size"),
    [("BTC-USDT", "60000.00", "0.01000"), ("ETH-USDT", "3000.00", "0.2000"), ("SOL-USDT", "150.00", "4.000"),
     ("ETH-BTC", "0.05000", "0.200")],
)  # fmt: skip
def test_the_default_markets_begin_at_prices_people_know(symbol: str, price: str, size: str) -> None:
    settings = load_settings(data_dir="/nonexistent")
    assets = {each.symbol: Asset(each.symbol, each.name, each.decimals) for each in settings.assets}
    (found,) = (each for each in settings.markets if each.symbol == symbol)
    fit = fitted(CALM, market_definition(found, assets), None)
    assert (fit.market.price, fit.market.typical_size) == (price, size)
    assert (fit.draws == "calm") == (symbol == "BTC-USDT"), "each market has a chance of its own"


def test_a_price_is_that_of_the_last_trade_else_the_reference_else_what_assets_are_worth() -> None:
    with_reference = market(price_band="0.5", reference_price="50000")
    assert fitted(CALM, with_reference, 4_200_000).market.price == "42000.00"
    assert fitted(CALM, with_reference, None).market.price == "50000.00"
    assert fitted(CALM, market("ABC", "BTC", tick_size="0.00001", lot_size="0.001"), None).market.price == "0.00167"
    assert fitted(CALM, market("ABC", "XYZ"), None).market.price == "1.00"


def test_a_price_below_a_tick_is_one_tick() -> None:
    assert fitted(CALM, market("DOGE", "BTC", tick_size="0.01"), None).market.price == "0.01"


@given(tick=st.integers(0, 8), lot=st.integers(0, 4), last_ticks=st.integers(1, 10**9), least=st.integers(0, 10**6))
def test_any_tick_lot_and_price_has_a_typical_size_that_may_trade(
    tick: int, lot: int, last_ticks: int, least: int
) -> None:
    lot = min(lot, 8 - tick)
    steps = {"tick_size": f"{Decimal(10) ** -tick:f}", "lot_size": f"{Decimal(10) ** -lot:f}"}
    found = market(**steps, min_notional=str(least))
    fit = fitted(CALM, found, last_ticks)
    lots = found.size_lots(fit.market.typical_size)
    if lots == AMOUNT_LIMIT // TYPICAL_PARTS_MIN // found.lot_units:
        return  # nobody can hold as much as would be worth it
    notional_units = found.price_ticks(fit.market.price) * lots * found.notional_units
    assert notional_units >= 2 * found.min_notional_units
    one_lot_usd = Decimal(last_ticks) * Decimal(steps["tick_size"]) * Decimal(steps["lot_size"])
    if one_lot_usd < TYPICAL_USD / 100 and least * 2 < TYPICAL_USD:
        assert abs(Decimal(notional_units) / 10**8 / TYPICAL_USD - 1) < Decimal("0.01")


@pytest.mark.parametrize("name", library.names())
def test_experiments_and_tapes_do_not_run_on_a_node(name: str) -> None:
    scenario = library.load(name)
    if name not in ("gode-sunder", "smith-zip", "replay"):
        check_live(scenario)
        return
    with pytest.raises(Refusal, match=f"^{name} (is an experiment|plays a tape)") as caught:
        check_live(scenario)
    assert caught.value.code is Code.SCENARIO_NOT_LIVE


def test_a_scenarios_breaker_goes_to_markets_without_one(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    steps = 'tick_size = "0.01"\nlot_size = "0.001"\nmin_notional = "5"\n'
    own = 'halt_move = "0.2"\nhalt_window = "1m"\nhalt_duration = "1m"\nauction_duration = "1m"\n'
    config.write_text(
        f'[[markets]]\nsymbol = "BTC-USDT"\n{steps}{own}'
        f'[[markets]]\nsymbol = "ETH-USDT"\n{steps}auction_duration = "9s"\n'
    )
    settings = load_settings(config, data_dir=tmp_path)
    assert with_breaker(settings, CALM) is settings
    bitcoin, ether = with_breaker(settings, library.load("flash-crash-breaker")).markets
    assert bitcoin == settings.markets[0]
    assert (ether.halt_move, ether.halt_window, ether.halt_duration, ether.auction_duration) == (
        "0.03", "5m", "15m", "9s",
    )  # fmt: skip
