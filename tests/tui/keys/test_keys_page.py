"""The page of keys for users is the terminal's."""

from cryptex.tui.keys.keys_page import page
from cryptex.tui.keys.registry import ACTIONS
from tests.docs.pages import ROOT


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "keys.md").read_text() == page(), "`make keys` writes it"


def test_every_action_is_on_it() -> None:
    told = page()
    for action in ACTIONS:
        assert f"| `{action.name}` |" in told
