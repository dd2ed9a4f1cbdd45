"""The node's settings: frozen, read once, from a TOML file, the environment and flags (which win)."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from cryptex.node.settings_file import (
    AssetSettings,
    File,
    LimitSettings,
    MarketSettings,
    NodeSettings,
    SettingsError,
    SimulationSettings,
    TlsSettings,
    WithdrawalSettings,
    read_file,
)
from cryptex.protocol.durations import duration_seconds
from cryptex.protocol.market import Asset, Market, define_asset, define_market, market_symbol
from cryptex.protocol.problems import Code, Refusal
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.store.key_places import KeyKind
from cryptex.store.unlock import KeyWish
from cryptex.store.vault import Encryption

DATA_DIR_VARIABLE: Final = "CRYPTEX_DATA_DIR"
TLS_NAME_LENGTH_MAX: Final = 253


_LABEL: Final = r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?"
_HOST_NAME: Final = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


class WithdrawalPolicy(msgspec.Struct, frozen=True):
    """[withdrawals], read: limits in atomic units by asset, lengths of time in nanoseconds."""

    automatic: dict[str, int]
    daily: dict[str, int]
    block_interval_ns: int
    confirmations: int
    allow_list_delay_ns: int


class KeyFlags(NamedTuple):
    """What flags say of a data folder's key."""

    encryption: Encryption | None = None
    kind: KeyKind | None = None
    file: Path | None = None


_NO_KEY_FLAGS: Final = KeyFlags()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the node is told. `faucet_max` and `opening` are in atomic units, by asset symbol."""

    host: str
    allowed_hosts: tuple[str, ...] = ()
    port: int
    data_dir: Path
    database_url: str
    assets: tuple[AssetSettings, ...]
    markets: tuple[MarketSettings, ...]
    limits: LimitSettings
    faucet_enabled: bool
    faucet_max: dict[str, int]
    opening: dict[str, int]
    withdrawals: WithdrawalPolicy
    simulation: SimulationSettings = SimulationSettings()
    tls: TlsSettings = TlsSettings()
    key: KeyWish = KeyWish()


ASSETS_DEFAULT: Final = (
    AssetSettings(symbol="BTC", name="Bitcoin"),
    AssetSettings(symbol="ETH", name="Ether"),
    AssetSettings(symbol="SOL", name="Solana"),
    AssetSettings(symbol="USDT", name="Tether"),
)
MARKETS_DEFAULT: Final = (
    MarketSettings(symbol="BTC-USDT", tick_size="0.01", lot_size="0.00001", min_notional="5"),
    MarketSettings(symbol="ETH-USDT", tick_size="0.01", lot_size="0.0001", min_notional="5"),
    MarketSettings(symbol="SOL-USDT", tick_size="0.01", lot_size="0.001", min_notional="5"),
    MarketSettings(symbol="ETH-BTC", tick_size="0.00001", lot_size="0.001", min_notional="0.0001"),
)
OPENING_DEFAULT: Final = {"USDT": "100000"}
AUTOMATIC_DEFAULT: Final = {"BTC": "1", "ETH": "20", "SOL": "500", "USDT": "50000"}
DAILY_DEFAULT: Final = {"BTC": "10", "ETH": "200", "SOL": "5000", "USDT": "500000"}
BLOCK_INTERVAL_MAX_S: Final = 3_600
ALLOW_LIST_DELAY_MAX_S: Final = 30 * 24 * 3_600
FAUCET_MAX_DEFAULT: Final = {"USDT": "1000000"}


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    data_dir: str | Path | None = None,
    host: str | None = None,
    port: int | None = None,
    database_url: str | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    tls: bool = False,
    tls_names: Sequence[str] = (),
    tls_certificate: str | Path | None = None,
    tls_key: str | Path | None = None,
    key: KeyFlags = _NO_KEY_FLAGS,
) -> Settings:
    """Return checked settings: a flag wins over the environment, the environment over the file.

    Raises SettingsError naming the key.
    """
    file = read_file(config) if config is not None else File()
    if port is not None and not 0 <= port <= 65_535:
        raise SettingsError("port: must be 0-65535")
    from_environment = (environ or {}).get(DATA_DIR_VARIABLE)
    folder = data_dir or from_environment or file.node.data_dir or _default_data_dir()
    assets, named = _checked_assets(file)
    markets = _checked_markets(file, named)
    return Settings(
        host=file.node.host if host is None else host,
        allowed_hosts=_checked_hosts(file.node.allowed_hosts),
        port=file.node.port if port is None else port,
        data_dir=Path(folder).expanduser().absolute(),
        database_url=file.node.database_url if database_url is None else database_url,
        assets=assets,
        markets=markets,
        limits=file.limits,
        faucet_enabled=file.faucet.enabled,
        faucet_max=_amounts("faucet.max", file.faucet.max, FAUCET_MAX_DEFAULT, named),
        opening=_amounts("accounts.opening", file.accounts.opening, OPENING_DEFAULT, named),
        withdrawals=_withdrawals(file.withdrawals, named),
        simulation=SimulationSettings(
            scenario=file.simulation.scenario if scenario is None else scenario,
            seed=file.simulation.seed if seed is None else seed,
        ),
        tls=_checked_tls(file.tls, tls, tls_names, tls_certificate, tls_key),
        key=_key_wish(file.node, key),
    )


def _checked_hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name != "*" and not is_tls_name(name):
            raise SettingsError(f"node.allowed_hosts: {name[:80]!r} is no host name or address (without port)")
    return names


def _checked_tls(
    given: TlsSettings, is_asked: bool, names: Sequence[str], certificate: str | Path | None, key: str | Path | None
) -> TlsSettings:
    """Return the settings with what flags say, and TLS on where there is a certificate. Raises SettingsError."""
    tls = TlsSettings(
        enabled=is_asked or given.enabled,
        names=tuple(names) or given.names,
        certificate=str(certificate or given.certificate),
        key=str(key or given.key),
    )
    for name in tls.names:
        if not is_tls_name(name):
            raise SettingsError(f"tls.names: {name[:80]!r} is neither a host name nor an address")
    if bool(tls.certificate) != bool(tls.key):
        missing = "key" if tls.certificate else "certificate"
        raise SettingsError(f"tls.{missing}: a certificate and its key are given together")
    if tls.certificate and tls.names:
        raise SettingsError("tls.names: a certificate of your own has its names in it")
    return msgspec.structs.replace(tls, enabled=tls.enabled or bool(tls.certificate))


def is_tls_name(name: str) -> bool:
    """Return whether a certificate can be made for a name: that of a host, or an address."""
    try:
        ip_address(name)
    except ValueError:
        return len(name) <= TLS_NAME_LENGTH_MAX and _HOST_NAME.fullmatch(name) is not None
    return True


def _key_wish(node: NodeSettings, flags: KeyFlags) -> KeyWish:
    kind = flags.kind or node.key or None
    named = flags.file or (Path(node.key_file) if node.key_file else None)
    if named is not None and kind not in (None, "file"):
        raise SettingsError(f"node.key_file: the key is kept as {kind}, which has no file")
    return KeyWish(flags.encryption or node.encryption, kind, None if named is None else named.expanduser().absolute())


def _default_data_dir() -> Path:
    from platformdirs import user_data_path  # only where no folder was named

    return user_data_path("cryptex", appauthor=False)


def _checked_assets(file: File) -> tuple[tuple[AssetSettings, ...], dict[str, Asset]]:
    """Return the assets and, by symbol, their definitions."""
    assets = ASSETS_DEFAULT if file.assets is None else file.assets
    named: dict[str, Asset] = {}
    for index, asset in enumerate(assets):
        key = f"assets[{index}]"
        if asset.symbol in named:
            raise SettingsError(f"{key}.symbol: {asset.symbol} is defined twice")
        try:
            named[asset.symbol] = define_asset(asset.symbol, asset.name, asset.decimals)
        except Refusal as refusal:
            raise SettingsError(f"{key}.{refusal.details.get('field')}: {refusal.message}") from None
    return assets, named


def _checked_markets(file: File, assets: dict[str, Asset]) -> tuple[MarketSettings, ...]:
    if file.markets is None:  # the default markets that the assets allow
        return tuple(market for market in MARKETS_DEFAULT if set(market.symbol.split("-")) <= assets.keys())
    checked: dict[str, MarketSettings] = {}
    for index, given in enumerate(file.markets):
        key = f"markets[{index}]"
        market = msgspec.structs.replace(given, symbol=market_symbol(given.symbol))
        if market.symbol in checked:
            raise SettingsError(f"{key}.symbol: {market.symbol} is defined twice")
        try:
            market_definition(market, assets)
        except Refusal as refusal:
            raise SettingsError(f"{key}.{refusal.details.get('field')}: {refusal.message}") from None
        checked[market.symbol] = market
    return tuple(checked.values())


def market_definition(market: MarketSettings, assets: Mapping[str, Asset]) -> Market:
    """Return the market that settings describe. Raises Refusal that names the field."""
    base, _, quote = market.symbol.partition("-")
    return define_market(
        _asset(base, market.symbol, assets),
        _asset(quote, market.symbol, assets),
        tick_size=market.tick_size,
        lot_size=market.lot_size,
        min_notional=market.min_notional,
        maker_fee=market.maker_fee,
        taker_fee=market.taker_fee,
        price_band=market.price_band,
        reference_price=market.reference_price,
        halt_move=market.halt_move,
        halt_window=market.halt_window,
        halt_duration=market.halt_duration,
        auction_duration=market.auction_duration,
    )


def _asset(symbol: str, market: str, assets: Mapping[str, Asset]) -> Asset:
    if symbol not in assets:
        raise Refusal(Code.INVALID_REQUEST, f"{market}: there is no asset {symbol!r}", field="symbol")
    return assets[symbol]


def _amounts(
    key: str, given: dict[str, str] | None, default: dict[str, str], assets: dict[str, Asset]
) -> dict[str, int]:
    """Return amounts in atomic units; a default applies only where its asset exists."""
    if given is None:
        given = {symbol: amount for symbol, amount in default.items() if symbol in assets}
    amounts: dict[str, int] = {}
    for symbol, amount in given.items():
        if symbol not in assets:
            raise SettingsError(f"{key}.{symbol}: there is no such asset")
        try:
            amounts[symbol] = assets[symbol].units(amount)
        except Refusal as refusal:
            raise SettingsError(f"{key}.{symbol}: {refusal.message}") from None
    return amounts


def _withdrawals(given: WithdrawalSettings, assets: dict[str, Asset]) -> WithdrawalPolicy:
    """Return the checked section. Raises SettingsError naming the key."""
    try:
        interval_s = duration_seconds(given.block_interval, "block_interval", BLOCK_INTERVAL_MAX_S)
        delay_s = duration_seconds(given.allow_list_delay, "allow_list_delay", ALLOW_LIST_DELAY_MAX_S)
    except Refusal as refusal:
        raise SettingsError(f"withdrawals.{refusal.details.get('field')}: {refusal.message}") from None
    return WithdrawalPolicy(
        automatic=_amounts("withdrawals.automatic", given.automatic, AUTOMATIC_DEFAULT, assets),
        daily=_amounts("withdrawals.daily", given.daily, DAILY_DEFAULT, assets),
        block_interval_ns=interval_s * NANOSECONDS_PER_SECOND,
        confirmations=given.confirmations,
        allow_list_delay_ns=delay_s * NANOSECONDS_PER_SECOND,
    )
