"""What stands in the place of an exchange that a command left half changed, until the process has ended."""

from typing import NoReturn

from cryptex.protocol.problems import Code, Refusal


class Hidden:
    """Refuses every look."""

    def __getattr__(self, name: str) -> NoReturn:
        """Raise Refusal(unavailable): what is in memory now may never have been."""
        raise Refusal(Code.UNAVAILABLE, "the node is restarting")
