"""Where a command finds its node and its data folder: flag, environment, profile file, default; the first wins.

The file is `profiles.toml` in the platform's configuration folder, one table for each profile:

    [default]
    node = "http://127.0.0.1:7070"
    data_dir = "~/cryptex-data"
"""

import os
from pathlib import Path
from typing import Final

from cryptex.cli.faults import Fault

NODE_VARIABLE: Final = "CRYPTEX_NODE"
TOKEN_VARIABLE: Final = "CRYPTEX_TOKEN"  # noqa: S105 (the name of a variable)
PROFILE_VARIABLE: Final = "CRYPTEX_PROFILE"
DATA_DIR_VARIABLE: Final = "CRYPTEX_DATA_DIR"
PROFILE_DEFAULT: Final = "default"
FILE_NAME: Final = "profiles.toml"
_KEYS: Final = ("data_dir", "node")


def profile_name(flag: str | None) -> str:
    """Return the profile that is meant."""
    return flag or os.environ.get(PROFILE_VARIABLE) or PROFILE_DEFAULT


def node_url(flag: str | None, profile: str, default: str) -> str:
    """Return the address of the node that is meant. Raises Fault for a profile file that cannot be used."""
    named = flag or os.environ.get(NODE_VARIABLE) or _profile(profile).get("node")
    return (named or default).rstrip("/")


def named_data_dir(profile: str) -> str | None:
    """Return the data folder that the environment or the profile names, if any. Raises Fault as `node_url` does."""
    return os.environ.get(DATA_DIR_VARIABLE) or _profile(profile).get("data_dir")


def profiles_path() -> Path:
    """Return where the profile file is looked for."""
    from platformdirs import user_config_path

    return user_config_path("cryptex", appauthor=False) / FILE_NAME


def _profile(name: str) -> dict[str, str]:
    path = profiles_path()
    if not path.is_file():
        return {}
    import tomllib  # most people have no such file

    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read: {error}") from None
    chosen = tables.get(name, {})
    if not isinstance(chosen, dict):
        raise Fault(f"{path}: {name} must be a table, [{name}]")
    for key, value in chosen.items():
        if key not in _KEYS:
            raise Fault(
                f"{path}: {name}.{key} is not a key of a profile", suggestion=f"Known keys: {', '.join(_KEYS)}."
            )
        if not isinstance(value, str):
            raise Fault(f"{path}: {name}.{key} must be text")
    return chosen
