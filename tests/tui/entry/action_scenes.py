"""Scenes of the actions on how one entered."""

from tests.tui.action_scene import Scene, modal

SCENES = {"account.menu": Scene(modal), "account.deposit": Scene(modal), "account.withdraw": Scene(modal)}
