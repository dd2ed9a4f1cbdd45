"""What all tests need of the process that they run in."""

import gc
import signal

from cryptex.garbage import GC_THRESHOLDS

# A shell that runs the tests in the background has Ctrl-C ignored, here and in every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(*GC_THRESHOLDS)


def pytest_collection_finish() -> None:
    """Look no more for garbage among what was imported and collected: that took a sixth of the tests' time."""
    gc.freeze()
