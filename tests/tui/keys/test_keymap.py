"""The keys in force, and what is said where they are not what the user wrote."""

import pytest

from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.keymap import Keymap

ACTIONS = (
    Action("orders.cancel", "x", "cancel", "cancel"),
    Action("ladder.recentre", "r", "recentre", "recentre"),
    Action("app.help", "question_mark,f1", "help", "help", shown="?"),
    Action("size.one", "1", "a preset"),
    Action("ladder.up", "up,k", "line above", place=Place.LADDER, run="move(-1)"),
    Action("markets.up", "up,k", "row above", place=Place.MARKETS, run="move(-1)"),
)


def keys(keymap: Keymap) -> dict[str, str]:
    """Return the keys of each action that has others than before."""
    before = {action.name: action.keys for action in ACTIONS}
    return {action.name: action.keys for action in keymap.actions if action.keys != before[action.name]}


def test_without_wishes_the_registry_is_in_force() -> None:
    keymap = Keymap({}, ACTIONS)
    assert keymap.actions == ACTIONS
    assert (keymap.overrides, keymap.complaints) == ({}, [])


@pytest.mark.parametrize(
    ("wanted", "in_force", "said"),
    [
        ({"orders.cancel": "ctrl+x, delete"}, {"orders.cancel": "ctrl+x,delete"}, []),
        ({"orders.cancel": "r", "ladder.recentre": "x"}, {"orders.cancel": "r", "ladder.recentre": "x"}, []),
        ({"orders.cancel": "?"}, {"orders.cancel": "?", "app.help": "f1"}, ["? is orders.cancel now; app.help has F1"]),
        (
            {"orders.cancel": "r"},
            {"orders.cancel": "r", "ladder.recentre": ""},
            ["r is orders.cancel now; ladder.recentre has no key"],
        ),
        (
            {"orders.cancel": "k"},
            {"orders.cancel": "k", "ladder.up": "up", "markets.up": "up"},
            ["k is orders.cancel now; ladder.up has ↑", "k is orders.cancel now; markets.up has ↑"],
        ),
        ({"ladder.up": "w"}, {"ladder.up": "w"}, []),
        ({"ladder.up": "w", "markets.up": "w"}, {"ladder.up": "w", "markets.up": "w"}, []),
        ({"ladder.up": "x"}, {}, ["ladder.up stays as it is: 'x' is orders.cancel"]),
        (
            {"orders.cancel": "d", "ladder.recentre": "d"},
            {"orders.cancel": "d"},
            ["ladder.recentre stays as it is: 'd' is orders.cancel"],
        ),
        ({"orders.cancel": "5"}, {}, ["orders.cancel stays as it is: '5' is typed into fields"]),
        ({"size.one": "9"}, {"size.one": "9"}, []),
        ({"orders.cancel": "hyperspace"}, {}, ["orders.cancel stays as it is: 'hyperspace' is no key"]),
        ({"orders.cancel": ""}, {}, ["orders.cancel stays as it is: '' is no key"]),
        ({"orders.canel": "d"}, {}, ["there is no action 'orders.canel'; the page of keys (?) names them all"]),
    ],
)
def test_wishes(wanted: dict[str, str], in_force: dict[str, str], said: list[str]) -> None:
    keymap = Keymap(wanted, ACTIONS)
    assert keys(keymap) == in_force
    assert keymap.complaints == [f"keys: {text}" for text in said]
    assert keymap.overrides == {name: text for name, text in in_force.items() if name in wanted}


def test_caps_say_the_keys_in_force() -> None:
    keymap = Keymap({"orders.cancel": "ctrl+x,delete"}, ACTIONS)
    assert keymap.of("orders.cancel").cap == "^x del"
    assert keymap.of("app.help").cap == "?"
