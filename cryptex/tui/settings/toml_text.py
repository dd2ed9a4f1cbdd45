"""TOML text of plain values: what `tomllib` reads back as the same. Pure."""

import json
from collections.abc import Mapping
from typing import Final

_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def toml_text(table: Mapping[str, object], path: tuple[str, ...] = ()) -> str:
    """Return a table of text, whole numbers, booleans, lists of these, and tables. Raises TypeError for others."""
    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in values.items()]
    heading = f"[{'.'.join(map(_key, path))}]\n" if path and (lines or not tables) else ""
    inner = [toml_text(value, (*path, key)) for key, value in tables.items()]
    return "\n".join(block for block in (heading + "".join(lines), *inner) if block)


def _key(key: str) -> str:
    return key if key and _BARE.issuperset(key) else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"{type(value).__name__} has no TOML text here")


def _text(text: str) -> str:
    """Return a basic string; JSON's escapes are TOML's, save that TOML wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
