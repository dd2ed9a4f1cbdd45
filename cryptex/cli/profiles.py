"""Where a command finds its node and its data folder: flag, environment, profile file, default; the first wins.

The file is `profiles.toml` in the platform's configuration folder, one table for each profile:

    [default]
    node = "http://127.0.0.1:7070"
    data_dir = "~/cryptex-data"
"""

import os
import shlex
from pathlib import Path
from typing import Final

from cryptex.cli.environment import DATA_DIR_VARIABLE, NODE_VARIABLE, PROFILE_VARIABLE
from cryptex.cli.faults import Fault

PROFILE_DEFAULT: Final = "default"
FILE_NAME: Final = "profiles.toml"
_KEYS: Final = ("data_dir", "node")


def profile_name(flag: str | None) -> str:
    """Return the profile that is meant, which need not be there."""
    return (os.environ.get(PROFILE_VARIABLE) or PROFILE_DEFAULT) if flag is None else flag


def known_profile(flag: str | None) -> str:
    """Return the profile that is meant. Raises Fault where there is none of this name: it may be misspelled."""
    name = profile_name(flag)
    if name != PROFILE_DEFAULT and name not in (known := profile_names()):
        raise _unknown(name, known, f"`cryptex login NAME --profile {shlex.quote(name)}` makes it.")
    return name


def welcome_profile(flag: str | None, *, has_node: bool) -> tuple[str, bool]:
    """Return the profile that is meant for a login, which may make it, and whether it is new.

    Raises Fault for a new one where profiles have nodes of their own and nothing says which is meant (`has_node`): a
    password must not go to another node than that of the profile whose name was misspelled.
    """
    name, known = profile_name(flag), profile_names()
    if name in known:
        return name, False
    if not has_node and any(each != PROFILE_DEFAULT for each in _tables()):
        raise _unknown(name, known, f"To make it, say its node: --node URL, or a table [{name}] in {profiles_path()}.")
    return name, True


def profile_names() -> list[str]:
    """Return the profiles that there are: the default, those of the file, and those that somebody logged in with."""
    from cryptex.client.session import TokenStore

    return list(dict.fromkeys([PROFILE_DEFAULT, *_tables(), *TokenStore().profiles()]))


def known_nodes(default: str) -> list[tuple[str, str]]:
    """Return profile and node of all that is known: the default's, those of the file, and those of logins.

    Raises Fault for a profile file that cannot be used.
    """
    from cryptex.client.session import TokenStore

    named = [(name, _profile(name).get("node", default)) for name in [PROFILE_DEFAULT, *_tables()]]
    return list(dict.fromkeys([(name, url.rstrip("/")) for name, url in named] + TokenStore().logins()))


def node_url(flag: str | None, profile: str, default: str) -> str:
    """Return the address of the node that is meant. Raises Fault for a profile file that cannot be used."""
    named = os.environ.get(NODE_VARIABLE) or _profile(profile).get("node") or default if flag is None else flag
    return named.rstrip("/")


def named_data_dir(profile: str) -> str | None:
    """Return the data folder that the environment or the profile names, if any. Raises Fault as `node_url` does."""
    return os.environ.get(DATA_DIR_VARIABLE) or _profile(profile).get("data_dir")


def profiles_path() -> Path:
    """Return where the profile file is looked for."""
    return config_folder() / FILE_NAME


def config_folder() -> Path:
    """Return the folder of what the user set: profiles, and what the terminal keeps."""
    from platformdirs import user_config_path

    return user_config_path("cryptex", appauthor=False)


def _unknown(name: str, known: list[str], how: str) -> Fault:
    return Fault(f"there is no profile {name!r}", suggestion=f"There are: {', '.join(known)}. {how}")


def _tables() -> dict[str, object]:
    """Return what stands in the profile file."""
    path = profiles_path()
    if not path.is_file():
        return {}
    import tomllib  # most people have no such file

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read: {error}") from None


def _profile(name: str) -> dict[str, str]:
    path = profiles_path()
    chosen = _tables().get(name, {})
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
