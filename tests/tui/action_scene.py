"""A scene shows what an action of the registry does: keys before it, and something that is seen to change.

Each room has its scenes in `action_scenes.py` beside its tests, in a dictionary SCENES by the names of its actions;
`test_every_action.py` finds and plays them, and fails for an action without one.
"""

from collections.abc import Callable
from typing import NamedTuple

from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import Desk


def _nothing_more(_on: Desk) -> None:
    """Prepare nothing."""


def _nothing_special(_exchange: FakeExchange) -> None:
    """Leave the exchange as it is."""


class Scene(NamedTuple):
    """`seen` tells what is looked at: after the action's key it differs, and without it it does not.

    `given` readies the exchange; `keys` are pressed; `prepare` does what keys can not; and once that is drawn, `then`
    are pressed.
    """

    seen: Callable[[Desk], object]
    keys: tuple[str, ...] = ()
    prepare: Callable[[Desk], None] = _nothing_more
    then: tuple[str, ...] = ()
    given: Callable[[FakeExchange], None] = _nothing_special


def focus(on: Desk) -> object:
    """Return what has the focus."""
    focused = on.screen.focused
    return None if focused is None else focused.id


def modal(on: Desk) -> object:
    """Return which screen is in front."""
    return type(on.app.screen).__name__


def form(on: Desk) -> object:
    """Return what the ticket holds."""
    return on.screen.desk.ticket.form


def market(on: Desk) -> object:
    """Return the market being traded."""
    return on.screen.model.market


def layout(on: Desk) -> object:
    """Return which panels are shown where."""
    return on.screen.desk.layout_name, on.screen.desk.choice


def look(on: Desk) -> object:
    """Return the theme that is worn."""
    return on.app.look.name


def calls(method: str) -> Callable[[Desk], object]:
    """Return a look at how often the exchange was asked to do something."""
    return lambda on: sum(name == method for name, _ in on.exchange.calls)


def text(part: str) -> Callable[[Desk], object]:
    """Return a look at what a panel shows."""
    return lambda on: on.text(part)


def field(name: str) -> Callable[[Desk], object]:
    """Return a look at a field of the ticket."""
    return lambda on: on.field(name)
