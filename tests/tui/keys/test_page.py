"""The page of keys tells every action, whatever its width."""

import pytest

from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.keys.page import TWO_COLUMNS_FROM, Group, Row, groups, page
from cryptex.tui.keys.registry import ACTIONS


def text(told: list[Group], width: int) -> list[str]:
    """Return the lines of the page."""
    return ["".join(span.text for span in line).rstrip() for line in page(told, width)]


def test_every_action_is_told_or_has_a_neighbour_that_tells_of_it() -> None:
    rows = [row for group in groups() for row in group.rows]
    assert len(rows) == len([action for action in ACTIONS if action.help])
    for silent in (action for action in ACTIONS if not action.help):
        before = ACTIONS[ACTIONS.index(silent) - 1]
        assert before.help, silent.name
        assert before.place is silent.place, silent.name


@pytest.mark.parametrize("width", [40, TWO_COLUMNS_FROM - 1, TWO_COLUMNS_FROM, 80, 120])
def test_nothing_is_wider_than_the_page(width: int) -> None:
    lines = text(groups(), width)
    assert max(map(len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    for group in groups():
        assert group.title in told


def test_the_picture_of_two_columns() -> None:
    told = [
        Group("Ticket", (Row("b", "buy"), Row("o", "a word that is too long for one line of it"))),
        Group("In the ladder", (Row("↑ ↓", "line above or below"),)),
    ]
    assert text(told, 66) == [
        "Ticket                            In the ladder",
        "       b buy                           ↑ ↓ line above or below",
        "       o a word that is too long",
        "         for one line of it",
    ]
    assert text(told, 40) == [
        "Ticket",
        "       b buy",
        "       o a word that is too long for one",
        "         line of it",
        "",
        "In the ladder",
        "     ↑ ↓ line above or below",
    ]


def test_the_keys_told_are_those_in_force() -> None:
    keymap = Keymap({"app.quit": "ctrl+q,f12", "markets.down": "n", "orders.cancel": "X"})
    rows = [row for group in groups(keymap) for row in group.rows]
    assert Row("^q F12", "quit; orders stay unless a switch is on") in rows
    assert Row("n", "markets.down") in rows
    assert Row("none", "cancel all (asks first)") in rows
