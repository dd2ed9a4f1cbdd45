"""The terminal's own faults, for those who start it."""


class TerminalBrokenError(Exception):
    """The terminal has ended by a fault of its own, which it has told on stderr; says which."""
