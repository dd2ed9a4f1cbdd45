"""Scenario files: those of the house by name, others by path; what one extends, and what is set on top of it."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from cryptex.protocol.problems import Code, Refusal
from cryptex.sim.agents.own import BOT
from cryptex.sim.scenario import Scenario, make_scenario, wrong

EXTENDS_MAX: Final = 8
FILE_BYTES_MAX: Final = 1 << 20
_PATHS: Final = ("bot", "file")
"""Keys of groups that name a file."""

_SUFFIX: Final = ".toml"
_STRUCTURED: Final = ("[", "{", '"', "'")
"""What a setting begins with that is TOML; any other is taken as it is written, for text and numbers alike."""

Table = dict[str, Any]
"""A table of a TOML file: its values are checked by `make_scenario`."""


def names() -> list[str]:
    """Return the names of the house's scenarios."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in _folder().iterdir() if path.name.endswith(_SUFFIX))


def text_of(name_or_path: str) -> str:
    """Return a scenario file as it is written. Raises Refusal(unknown_scenario)."""
    return _read(name_or_path)[1]


def load(name_or_path: str, settings: Sequence[str] = (), bots: Sequence[str] = ()) -> Scenario:
    """Return the scenario of a name or a file, with bots (FILE:CLASS) and then `key=value` settings on top.

    A bot is a group of one, by the name of its class in lower case. Raises Refusal: unknown_scenario, or
    invalid_scenario that names the key.
    """
    name, table = _table(name_or_path, 0)
    for bot in bots:
        _add_bot(table, bot)
    for setting in settings:
        _set(table, setting)
    return make_scenario(name, table, as_text=bool(settings))


def _folder() -> Any:
    return files("cryptex.sim") / "scenarios"


def _read(name_or_path: str, beside: Path | None = None) -> tuple[str, str, Path | None]:
    """Return name, text and folder of a scenario. `beside`: the folder that relative paths are from."""
    if name_or_path.endswith(_SUFFIX):
        path = Path(name_or_path) if beside is None else beside / name_or_path
        try:
            if path.stat().st_size > FILE_BYTES_MAX:
                raise wrong("file", f"{path} is larger than {FILE_BYTES_MAX} bytes")
            return path.name.removesuffix(_SUFFIX), path.read_text(encoding="utf-8"), path.parent
        except FileNotFoundError:
            raise Refusal(Code.UNKNOWN_SCENARIO, f"there is no file {path}") from None
        except UnicodeDecodeError:
            raise wrong("file", f"{path} is not UTF-8 text") from None
        except OSError as error:
            raise wrong("file", f"{path} cannot be read: {error.strerror}") from None
    known = names()
    if name_or_path not in known:
        message = f"there is no scenario {name_or_path[:80]}; there are {', '.join(known)}"
        raise Refusal(Code.UNKNOWN_SCENARIO, message)
    return name_or_path, (_folder() / f"{name_or_path}{_SUFFIX}").read_text(encoding="utf-8"), None


def _table(name_or_path: str, depth: int, beside: Path | None = None) -> tuple[str, Table]:
    if depth > EXTENDS_MAX:
        raise wrong("extends", f"scenarios extend each other more than {EXTENDS_MAX} times")
    name, text, folder = _read(name_or_path, beside)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise wrong("file", f"{name_or_path} is not TOML: {error}") from None
    _place_files(table, folder)
    parent = table.pop("extends", None)
    if parent is None:
        return name, table
    if not isinstance(parent, str):
        raise wrong("extends", "extends must be the name of a scenario or the path of a file")
    return name, _merged(_table(parent, depth + 1, folder)[1], table)


def _place_files(table: Table, folder: Path | None) -> None:
    """Let the paths that groups name be from the folder of the file that names them."""
    groups = table.get("groups")
    if folder is None or not isinstance(groups, dict):
        return
    for group in groups.values():
        for key in _PATHS:
            if isinstance(group, dict) and isinstance(group.get(key), str) and group[key]:
                group[key] = str(folder / group[key])


def _add_bot(table: Table, bot: str) -> None:
    group = bot.rpartition(":")[2].lower()
    groups = table.setdefault("groups", {})
    if not isinstance(groups, dict) or group in groups:
        raise wrong(f"groups.{group}", f"--bot {bot[:80]}: there is a group {group} already")
    groups[group] = {"agent": BOT, "bot": bot}


def _merged(below: Table, above: Table) -> Table:
    """Return a table with another on top of it, key by key. A group with another kind of agent takes its place."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if (
            isinstance(old, dict)
            and isinstance(value, dict)
            and old.get("agent") == value.get("agent", old.get("agent"))
        ):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def _set(table: Table, setting: str) -> None:
    key, equals, text = setting.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path):
        raise wrong("set", f"--set takes key=value, such as groups.noise.count=10, not {setting[:80]!r}")
    value: object = text
    if text.startswith(_STRUCTURED):
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise wrong(key, f"{key}: {text[:80]} is not TOML: {error}") from None
    for part in path[:-1]:
        below = table.setdefault(part, {})
        if not isinstance(below, dict):
            raise wrong(key, f"{key}: {part} is not a table")
        table = below
    table[path[-1]] = value
