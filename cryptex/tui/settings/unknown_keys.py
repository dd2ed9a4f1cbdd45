"""Keys of a settings file that nothing understands, told with what would be understood. Pure."""

from collections.abc import Mapping

import msgspec
from msgspec import inspect


def unknown_key(data: Mapping[str, object], kind: type[msgspec.Struct]) -> str:
    """Return what is wrong with the first key that the struct does not know, or nothing."""
    return _unknown(data, inspect.type_info(kind), "")


def _unknown(data: object, kind: inspect.Type, section: str) -> str:
    if not isinstance(data, Mapping):
        return ""
    if isinstance(kind, inspect.DictType):
        found = (_unknown(value, kind.value_type, _join(section, key)) for key, value in data.items())
        return next(filter(None, found), "")
    if not isinstance(kind, inspect.StructType):
        return ""
    fields = {field.encode_name: field.type for field in kind.fields}
    for key, value in data.items():
        if key not in fields:
            where = f" in [{section}]" if section else ""
            return f"it does not know `{key}`{where}; it knows {', '.join(fields)}"
        if wrong := _unknown(value, fields[key], _join(section, key)):
            return wrong
    return ""


def _join(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key
