"""Scenarios on a node: the same bots, whose orders go through its sequencer."""
