"""Scenes of the actions about keys."""

from tests.tui.action_scene import Scene, modal

SCENES = {"app.palette": Scene(modal)}
