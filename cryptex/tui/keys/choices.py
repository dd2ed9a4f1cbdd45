"""What the palette offers: every action in force, and each market, layout and theme by its name."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.widget import Widget

from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.panel import Placed
from cryptex.tui.keys.action import Action, Place
from cryptex.tui.keys.palette import Choice
from cryptex.tui.keys.registry import ROOMS
from cryptex.tui.looks.catalogue import look_named
from cryptex.tui.looks.handlers import keep_look, keep_scheme, look_app
from cryptex.tui.looks.up_down import SCHEMES
from cryptex.tui.model import Tone
from cryptex.tui.stage import Stage


def choices(stage: Stage) -> list[Choice]:
    """Return all that can be done now."""
    return [*_actions(stage), *_markets(stage), *_layouts(stage), *_looks(stage)]


def _actions(stage: Stage) -> Iterator[Choice]:
    for title, room in ROOMS:
        for action in room:
            if action.help:
                where = title if action.place is Place.ANYWHERE else f"In the {action.place}"
                yield Choice(f"{where}: {action.help}", _doing(stage, action), stage.keymap.cap_of(action.name))


def _doing(stage: Stage, action: Action) -> Callable[[], Awaitable[None]]:
    async def do() -> None:
        screen = stage.screen
        if action.place is Place.ANYWHERE:
            await screen.app.run_action(action.deed, default_namespace=screen)
        else:  # after the panel has heard that it has the focus
            target = _gone_to(stage, action.place)
            target.call_later(screen.app.run_action, action.deed, target)

    return do


def _gone_to(stage: Stage, place: Place) -> Widget:
    """Give the focus to the place's panel; return the widget that acts there."""
    panel = Place.TICKET if place is Place.FIELD else place
    for widget in stage.screen.query().results(Widget):
        if isinstance(widget, Placed) and widget.PLACE is panel and widget.id:
            stage.desk.turn(Part(widget.id))
            return (stage.screen.focused or widget) if place is Place.FIELD else widget
    return stage.screen


def _markets(stage: Stage) -> Iterator[Choice]:
    for market in stage.model.terms:
        if market != stage.model.market:
            yield Choice(f"Market: {market}", partial(stage.turn_market, market))


def _layouts(stage: Stage) -> Iterator[Choice]:
    desk = stage.desk
    for name in desk.shelf.names:
        if name != desk.layout_name:
            yield Choice(f"Layout: {name}", partial(_take_layout, stage, name))


def _take_layout(stage: Stage, name: str) -> None:
    complaint = stage.desk.take_layout(name)
    if complaint:
        stage.note(Tone.WARN, complaint)


def _looks(stage: Stage) -> Iterator[Choice]:
    app = look_app(stage)
    if len(app.look_names) == 1:
        return
    for name in app.look_names:
        told = f"Theme: {name}, {look_named(name).title}"
        yield Choice(told, partial(keep_look, stage, name), preview=partial(app.preview, name, app.scheme))
    for scheme in SCHEMES:
        told = f"Colours of up and down: {scheme}"
        yield Choice(told, partial(keep_scheme, stage, scheme), preview=partial(app.preview, app.chosen, scheme))
