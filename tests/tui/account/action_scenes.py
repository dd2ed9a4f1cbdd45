"""Scenes of the actions in the tables of the account's past."""

from cryptex.client.errors import unreachable
from cryptex.tui.desk.part import Part
from cryptex.tui.model import Tone
from tests.tui.account.past import fill_view
from tests.tui.action_scene import Scene, calls
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import Desk


def _many(exchange: FakeExchange) -> None:
    """Give the account more fills than there are rows for."""
    exchange.past_fills = [fill_view(number, "buy", "0.1", "61000") for number in range(1, 60)]


def _unread(exchange: FakeExchange) -> None:
    """Let the fills be out of reach once."""
    exchange.answers["fills"] = [unreachable("no answer")]


def _chosen(on: Desk) -> object:
    """Return the row under the cursor."""
    return on.screen.desk.panels[Part.FILLS].selected  # type: ignore[attr-defined]


def _noted(on: Desk) -> None:
    """Let more happen than there is room for."""
    for number in range(300):
        on.screen.model.note("12:00:00", Tone.PLAIN, f"note {number}")


def _shown(on: Desk) -> object:
    """Return which notes are shown."""
    return on.text(Part.ACTIVITY)


SCENES = {
    "past.up": Scene(_chosen, ("f4",), given=_many, then=("down",)),
    "past.down": Scene(_chosen, ("f4",), given=_many),
    "past.page_up": Scene(_chosen, ("f4",), given=_many, then=("pagedown",)),
    "past.page_down": Scene(_chosen, ("f4",), given=_many),
    "past.newest": Scene(_chosen, ("f4",), given=_many, then=("down",)),
    "past.retry": Scene(calls("fills"), ("f4",), given=_unread),
    "roll.up": Scene(_shown, ("f7",), _noted, ("down", "down")),
    "roll.down": Scene(_shown, ("f7",), _noted),
    "roll.page_up": Scene(_shown, ("f7",), _noted, ("pagedown",)),
    "roll.page_down": Scene(_shown, ("f7",), _noted),
    "roll.top": Scene(_shown, ("f7",), _noted, ("pagedown",)),
}
