"""Scenes of the actions on looks."""

from tests.tui.action_scene import Scene, look

SCENES = {"look.next": Scene(look)}
