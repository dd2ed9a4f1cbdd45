"""Settings: precedence, defaults, and errors that name the key."""

from pathlib import Path

import pytest

from cryptex.node.settings import Settings, load_settings, market_definition
from cryptex.node.settings_file import SettingsError
from cryptex.protocol.market import CircuitBreaker, define_asset

SMALL = """
[[assets]]
symbol = "EUR"
decimals = 2
[[assets]]
symbol = "BTC"
[[markets]]
symbol = "btc/eur"
tick_size = "0.01"
lot_size = "1"
min_notional = "5"
"""
BREAKER = """halt_move = "0.1"
halt_window = "1h"
halt_duration = "30s"
auction_duration = "5m"
"""


def load(tmp_path: Path, text: str) -> Settings:
    config = tmp_path / "node.toml"
    config.write_text(text)
    return load_settings(config)


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = load_settings(data_dir="/x")
    assert [asset.symbol for asset in settings.assets] == ["BTC", "ETH", "SOL", "USDT"]
    assert [market.symbol for market in settings.markets] == ["BTC-USDT", "ETH-USDT", "SOL-USDT", "ETH-BTC"]
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 7070, "")
    assert settings.opening == {"USDT": 100_000 * 10**8}
    assert settings.faucet_enabled
    assert settings.limits.open_orders_per_market == 1000


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    config.write_text('[node]\ndata_dir = "/file"\nport = 1\nhost = "::1"')
    environ = {"CRYPTEX_DATA_DIR": "/environment"}
    assert load_settings(config, {}).data_dir == Path("/file")
    assert load_settings(config, environ).data_dir == Path("/environment")
    flags = load_settings(config, environ, data_dir="/flag", port=0)
    assert (flags.data_dir, flags.port, flags.host) == (Path("/flag"), 0, "::1")
    assert load_settings(data_dir="~/x").data_dir == Path.home() / "x"


def test_named_assets_and_markets_replace_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, SMALL)
    assert [market.symbol for market in settings.markets] == ["BTC-EUR"]
    assert settings.opening == {}, "a default grant applies only where its asset exists"
    only_assets = load(tmp_path, SMALL.partition("[[markets]]")[0])
    assert only_assets.markets == ()


def test_a_breaker_is_whole_and_an_auction_needs_none(tmp_path: Path) -> None:
    wanted = load(tmp_path, SMALL + BREAKER)
    assets = {asset.symbol: define_asset(asset.symbol, asset.name, asset.decimals) for asset in wanted.assets}
    market = market_definition(wanted.markets[0], assets)
    assert market.breaker == CircuitBreaker(10_000_000, 3_600, 30 * 10**9)
    assert market.auction_duration_ns == 300 * 10**9
    only_auction = market_definition(load(tmp_path, SMALL + 'auction_duration = "30s"').markets[0], assets)
    assert (only_auction.breaker, only_auction.auction_duration_ns) == (None, 30 * 10**9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[node]\nprot = 1", "node.prot: unknown key"),
        ("nodes = 1", "nodes: unknown key"),
        ("[node]\nport = 70000", "node.port: expected `int` <= 65535"),
        ("[node]\nport = '7'", "node.port: expected `int`, got `str`"),
        ("[limits]\nconnections = 0", "limits.connections: expected `int` >= 1"),
        ("[[assets]]\nname = 'x'", "assets[0].symbol: this key is required"),
        ("[[assets]]\nsymbol = 'b c'", "assets[0].symbol: asset symbol 'b c' must be"),
        ("[[assets]]\nsymbol = 'B'\ndecimals = 9", "assets[0].decimals: decimals of B must be 0-8"),
        ("[[assets]]\nsymbol = 'B'\n[[assets]]\nsymbol = 'B'", "assets[1].symbol: B is defined twice"),
        (SMALL.replace("tick_size", "tick"), "markets[0].tick: unknown key"),
        (SMALL.replace('"0.01"', '"0"'), "markets[0].tick_size: tick_size must be above zero"),
        (SMALL.replace('"0.01"', '"0.001"'), "markets[0].tick_size: BTC-EUR: tick_size x lot_size must be"),
        (SMALL.replace("btc/eur", "btc/usd"), "markets[0].symbol: BTC-USD: there is no asset 'USD'"),
        (SMALL + 'price_band = "0.5"', "markets[0].reference_price: BTC-EUR: a price_band needs"),
        (SMALL + 'halt_move = "0.1"', "markets[0].halt_window: BTC-EUR: a halt_move needs a halt_window"),
        (SMALL + 'halt_window = "60s"', "markets[0].halt_move: BTC-EUR: a halt_window needs a halt_move"),
        (SMALL + 'halt_duration = "60s"', "markets[0].halt_move: BTC-EUR: a halt_duration needs a halt_move"),
        (
            SMALL + BREAKER.replace('"30s"', '"30"'),
            "markets[0].halt_duration: halt_duration must be a whole number and",
        ),
        (SMALL + BREAKER.replace('"1h"', '"2h"'), "markets[0].halt_window: halt_window must be 1s to 3600s, not 2h"),
        (SMALL + BREAKER.replace('"5m"', '"0s"'), "markets[0].auction_duration: auction_duration must be 1s to 86400s"),
        (SMALL + BREAKER.replace('"0.1"', '"0"'), "markets[0].halt_move: halt_move must be above zero"),
        (SMALL + BREAKER.replace('"0.1"', '"101"'), "markets[0].halt_move: halt_move must be at most 100"),
        (SMALL + BREAKER + 'halt_for = "1s"', "markets[0].halt_for: unknown key"),
        ("[faucet.max]\nXYZ = '1'", "faucet.max.XYZ: there is no such asset"),
        ("[accounts.opening]\nBTC = '-1'", "accounts.opening.BTC: amount must be a decimal amount"),
        ("[accounts.opening]\nBTC = 1.5", "accounts.opening[...]: expected `str`, got `float`"),
        ("[simulation]\nscenario = 1", "simulation.scenario: expected `str`, got `int`"),
        ("[simulation]\nseed = -1", "simulation.seed: expected `int` >= 0"),
        ("[simulation]\nspeed = 2", "simulation.speed: unknown key"),
        ("[node", "is not TOML"),
    ],
)
def test_an_error_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load_settings(tmp_path / "none.toml")
