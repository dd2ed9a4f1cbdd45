"""Every action of the registry is driven by its key, and is seen to do something."""

import importlib
import pkgutil

import pytest

import tests.tui
from cryptex.tui.keys.action import Action
from cryptex.tui.keys.registry import ACTIONS
from tests.tui.action_scene import Scene
from tests.tui.fake_exchange import FakeExchange
from tests.tui.pilots import TURNS_MAX, Desk, desk

MODULE = "action_scenes"
SIZE = (170, 52)
SETTLED_TURNS = 6


def scenes() -> dict[str, Scene]:
    """Return the scenes of all rooms by the names of their actions."""
    found: dict[str, Scene] = {}
    for room in pkgutil.iter_modules(tests.tui.__path__, "tests.tui."):
        if room.ispkg and importlib.util.find_spec(f"{room.name}.{MODULE}"):
            found |= importlib.import_module(f"{room.name}.{MODULE}").SCENES
    return found


SCENES = scenes()


def test_every_action_has_a_scene_and_every_scene_an_action() -> None:
    without = {action.name for action in ACTIONS} - set(SCENES)
    assert without == set(), f"give them scenes in tests/tui/ROOM/{MODULE}.py"
    assert set(SCENES) - {action.name for action in ACTIONS} == set()


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.name in SCENES], ids=lambda action: action.name)
async def test_the_action_does_something(action: Action) -> None:
    scene = SCENES[action.name]
    exchange = FakeExchange()
    scene.given(exchange)
    async with desk(SIZE, exchange) as on:
        await on.pilot.press(*scene.keys)
        scene.prepare(on)
        await draw(on, SETTLED_TURNS)
        await on.pilot.press(*scene.then)
        await draw(on, 2)
        was = scene.seen(on)
        await draw(on, 2)
        assert scene.seen(on) == was, "it moves by itself, and proves nothing"
        await on.pilot.press(action.keys.split(",", 1)[0])
        for _ in range(TURNS_MAX):
            if scene.seen(on) != was:
                return
            await draw(on, 1)
    pytest.fail(f"{action.keys} changed nothing of {was!r}")


async def draw(on: Desk, turns: int) -> None:
    """Let the app run, and draw frames while the trading screen is in front."""
    for _ in range(turns):
        await on.pilot.pause()
        if on.app.screen is on.screen:
            on.screen.frame()
    await on.pilot.pause()
