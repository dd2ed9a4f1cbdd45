"""The command that is being applied: its place in the log and what has followed from it so far."""

from cryptex.protocol.events import Event


class Step:
    """Shared by the parts of the engine, so that each can stamp and report what it does."""

    __slots__ = ("events", "sequence", "time_ns")

    def __init__(self) -> None:
        self.sequence = 0
        self.time_ns = 0
        self.events: list[Event] = []
