"""What a settings file may hold: its sections, and how TOML is read into them, with faults that name their key."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cryptex.store.vault import Encryption

PORT_DEFAULT: Final = 7070
SETTINGS_BYTES_MAX: Final = 1 << 20
ASSETS_MAX: Final = 1000
MARKETS_MAX: Final = 1000
TLS_NAMES_MAX: Final = 100
ALLOWED_HOSTS_MAX: Final = 100

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Port = Annotated[int, Meta(ge=0, le=65_535)]

_AT: Final = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)`")
_MISSING: Final = re.compile(r"Object missing required field `([^`]*)`")


class SettingsError(Exception):
    """The settings cannot be used; the message names the key."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class NodeSettings(_Section, frozen=True):
    """[node]. An empty database_url means SQLite in the data folder.

    `encryption` is of a new data folder, and `key` where its key is: an empty one means the keyring, or else a file.
    `allowed_hosts` are further names under which a node on loopback is asked for, as by a proxy; `*` is every name.
    """

    host: str = "127.0.0.1"
    allowed_hosts: Annotated[tuple[str, ...], Meta(max_length=ALLOWED_HOSTS_MAX)] = ()
    port: Port = PORT_DEFAULT
    data_dir: str = ""
    database_url: str = ""
    encryption: Encryption = "auto"
    key: Literal["", "keyring", "file", "passphrase"] = ""
    key_file: str = ""


class AssetSettings(_Section, frozen=True):
    """[[assets]]."""

    symbol: str
    name: str = ""
    decimals: int = 8


class MarketSettings(_Section, frozen=True):
    """[[markets]]. Amounts are decimal text, durations are text such as 30s, 5m or 1h."""

    symbol: str
    tick_size: str
    lot_size: str
    min_notional: str
    maker_fee: str = "0.0010"
    taker_fee: str = "0.0010"
    price_band: str | None = None
    reference_price: str | None = None
    halt_move: str | None = None
    halt_window: str | None = None
    halt_duration: str | None = None
    auction_duration: str | None = None


class LimitSettings(_Section, frozen=True):
    """[limits]. Zero commands, logins or connections of an address means no such limit."""

    commands_per_second: Count = 1000
    command_burst: Count = 5000
    logins_per_minute: Count = 10
    connections: Annotated[int, Meta(ge=1, le=100_000)] = 2000
    connections_per_address: Count = 500
    open_orders_per_market: Count = 1000


class FaucetSettings(_Section, frozen=True):
    """[faucet]. `max` is per deposit, by asset; assets that are not named have no limit."""

    enabled: bool = True
    max: dict[str, str] | None = None


class AccountSettings(_Section, frozen=True):
    """[accounts]. `opening` is what a new user is given, by asset."""

    opening: dict[str, str] | None = None


class WithdrawalSettings(_Section, frozen=True):
    """[withdrawals]. What an account may withdraw in 24 hours by asset: without an admin, and in all.

    Assets that are not named have no limit. `allow_list_delay` is how long a new address of an allow-list waits.
    """

    automatic: dict[str, str] | None = None
    daily: dict[str, str] | None = None
    block_interval: str = "5s"
    confirmations: Annotated[int, Meta(ge=1, le=1_000)] = 3
    allow_list_delay: str = "24h"


class SimulationSettings(_Section, frozen=True):
    """[simulation]. Without a scenario there are no simulated traders; without a seed it is the scenario's own."""

    scenario: str = ""
    seed: Count | None = None


class TlsSettings(_Section, frozen=True):
    """[tls]. Without a certificate (PEM, and its key) the node makes its own, for itself and `names`."""

    enabled: bool = False
    names: Annotated[tuple[str, ...], Meta(max_length=TLS_NAMES_MAX)] = ()
    certificate: str = ""
    key: str = ""


class File(_Section, frozen=True):
    """A whole file. What is not in it is what it is by default."""

    node: NodeSettings = NodeSettings()
    assets: Annotated[tuple[AssetSettings, ...], Meta(max_length=ASSETS_MAX)] | None = None
    markets: Annotated[tuple[MarketSettings, ...], Meta(max_length=MARKETS_MAX)] | None = None
    limits: LimitSettings = LimitSettings()
    faucet: FaucetSettings = FaucetSettings()
    accounts: AccountSettings = AccountSettings()
    simulation: SimulationSettings = SimulationSettings()
    tls: TlsSettings = TlsSettings()
    withdrawals: WithdrawalSettings = WithdrawalSettings()


def read_file(config: Path) -> File:
    """Return the settings in a TOML file. Raises SettingsError."""
    return _decode(_read(config))


def _read(config: Path) -> dict[str, object]:
    try:
        with config.open("rb") as file:
            data = file.read(SETTINGS_BYTES_MAX + 1)
    except OSError as error:
        raise SettingsError(f"cannot read {config}: {error.strerror}") from None
    if len(data) > SETTINGS_BYTES_MAX:
        raise SettingsError(f"{config} is larger than {SETTINGS_BYTES_MAX} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{config} is not TOML: {error}") from None


def _decode(data: dict[str, object]) -> File:
    try:
        return msgspec.convert(data, File)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(str(error))) from None


def _explain(message: str) -> str:
    """Turn the decoder's message into `path.key: what is wrong`."""
    at = _AT.search(message)
    path = at.group(1) if at else ""
    detail = _AT.sub("", message)
    for pattern, words in ((_UNKNOWN, "unknown key"), (_MISSING, "this key is required")):
        named = pattern.search(detail)
        if named:
            return f"{path}.{named.group(1)}: {words}".lstrip(".")
    return f"{path}: {detail[:1].lower()}{detail[1:]}"
