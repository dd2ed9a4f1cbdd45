"""Names of keys: one form for each, whether it is one at all, and how it is written on the screen. Pure."""

from typing import Final

from textual.keys import REPLACED_KEYS, Keys, format_key, key_to_character

_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "meta", "super", "hyper"})
_NAMED: Final = frozenset(key.value for key in Keys)
_CAPS: Final = {"up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "⏎", "escape": "esc", "delete": "del"}
_TYPED: Final = frozenset("0123456789.,")
"""Typed into number fields."""


def one_form(key: str) -> str:
    """Return a key in the one form that equal keys share: `?` for `question_mark`, `ctrl+k` for `CTRL+K`."""
    key = key.strip()
    head, plus, last = key.rpartition("+")
    if plus and head:
        return "+".join((*(part.strip().lower() for part in head.split("+")), last.strip().lower()))
    name = key.lower()
    if len(key) == 1 or name in _NAMED:
        return key if len(key) == 1 else name
    return key_to_character(REPLACED_KEYS.get(name, name)) or name


def is_key(key: str) -> bool:
    """Return whether a key in its one form can be pressed."""
    head, plus, last = key.rpartition("+")
    if key in _NAMED or (len(key) == 1 and key.isprintable() and key != " "):
        return True
    return bool(plus and head) and _MODIFIERS.issuperset(head.split("+")) and is_key(last)


def is_typed(key: str) -> bool:
    """Return whether number fields take this key."""
    return key in _TYPED


def for_textual(key: str) -> str:
    """Return a key in its one form as a list of keys can hold it: a comma parts the keys of such a list."""
    return "comma" if key == "," else key


def cap(key: str) -> str:
    """Return how a key in its one form is written on the screen: `^k`, `⇧ ↑`, `F2`."""
    head, plus, last = key.rpartition("+")
    if plus and head:
        told = cap(last)
        for modifier in reversed(head.split("+")):
            told = f"^{told}" if modifier == "ctrl" else f"⇧ {told}" if modifier == "shift" else f"{modifier} {told}"
        return told
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _CAPS.get(key) or format_key(key)
