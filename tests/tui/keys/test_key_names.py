"""Keys by their names: one form, whether they exist, and how they are written."""

import pytest

from cryptex.tui.keys.key_names import cap, for_textual, is_key, one_form
from cryptex.tui.keys.registry import ACTIONS


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("question_mark", "?"),
        ("?", "?"),
        (" X ", "X"),
        ("F5", "f5"),
        ("Ctrl+K", "ctrl+k"),
        ("comma", ","),
        ("+", "+"),
        ("plus", "+"),
        ("Escape", "escape"),
    ],
)
def test_equal_keys_have_one_form(written: str, one: str) -> None:
    assert one_form(written) == one
    assert is_key(one)


@pytest.mark.parametrize("key", ["", " ", "entr", "f99", "ctrl+", "cmd+x", "xx", "+x", "\x07"])
def test_what_can_not_be_pressed_is_no_key(key: str) -> None:
    assert not is_key(one_form(key))


@pytest.mark.parametrize(
    ("key", "told"),
    [("ctrl+t", "^t"), ("shift+up", "⇧ ↑"), ("f2", "F2"), ("enter", "⏎"), ("x", "x"), ("X", "X"), ("alt+x", "alt x"),
     ("?", "?"), ("ctrl+shift+k", "^⇧ k"), ("space", "space")],
)  # fmt: skip
def test_caps(key: str, told: str) -> None:
    assert cap(key) == told


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_key_of_the_registry_is_one(action: object) -> None:
    for key in action.keys.split(","):  # type: ignore[attr-defined]
        assert is_key(one_form(key)), key


def test_a_comma_is_told_apart_from_the_commas_between_keys() -> None:
    assert for_textual(one_form("comma")) == "comma"
