"""One value in the text of a TOML file is changed; comments, order and all other keys stay as they are. Pure."""

import re
import tomllib
from typing import Final

from cryptex.tui.settings.toml_text import toml_text

_SECTION: Final = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?")
_ANY_SECTION: Final = re.compile(r"\s*\[")

Value = str | bool | int | list[str]


class NotEditable(ValueError):
    """The text has the value in a form that is not changed by lines, such as an inline table."""


def with_value(text: str, section: str, key: str, value: Value) -> str:
    """Return the text with `key = value` in a section of it. Raises NotEditable, and tomllib's TOMLDecodeError."""
    wanted = tomllib.loads(text)
    table = wanted.setdefault(section, {})
    if not isinstance(table, dict):
        raise NotEditable(section)
    table[key] = value
    edited = _edited(text, section, key, toml_text({key: value}).rstrip("\n"))
    try:
        found = tomllib.loads(edited)
    except tomllib.TOMLDecodeError:
        raise NotEditable(section) from None
    if found != wanted:
        raise NotEditable(section)
    return edited


def _edited(text: str, section: str, key: str, line: str) -> str:
    lines = text.removesuffix("\n").split("\n") if text else []  # what else ends a line elsewhere may stand in a text
    start = next((at for at, found in enumerate(lines) if _names(found, section)), None)
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", line, ""])
    end = next((at for at in range(start + 1, len(lines)) if _ANY_SECTION.match(lines[at])), len(lines))
    assigns = re.compile(rf"\s*{re.escape(key)}\s*=")
    at = next((at for at in range(start + 1, end) if assigns.match(lines[at])), None)
    if at is None:
        return "\n".join([*lines[: start + 1], line, *lines[start + 1 :], ""])
    return "\n".join([*lines[:at], line, *lines[at + 1 :], ""])


def _names(line: str, section: str) -> bool:
    found = _SECTION.fullmatch(line)
    return found is not None and found[1] == section
