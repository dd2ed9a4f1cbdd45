"""What all tests need of the process that they run in."""

import signal

# A shell that runs the tests in the background has Ctrl-C ignored, here and in every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
