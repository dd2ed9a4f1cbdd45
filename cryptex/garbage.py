"""How rarely Python looks for garbage that hangs together in rings, in the processes that must not pause."""

from typing import Final

GC_THRESHOLDS: Final = (50_000, 20, 100)
"""For gc.set_threshold. Commands, rows and lines of a screen are many objects and hardly any rings: at Python's own
pace the search takes a tenth of a node's time, and each is a frame of the terminal that comes late."""
