"""How the commands treat bots of one's own: what they print, and how they fail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Final

from cryptex.cli.faults import Fault
from cryptex.protocol.problems import ExitCode

BOT_CODE: Final = "bot"

_SUGGESTION: Final = "It is the bot's own code that failed, in the file and the line that are named."


@contextmanager
def bots_judged() -> Iterator[None]:
    """Turn what a bot's own code raises into a fault that names its file and line."""
    from cryptex.sim.own_bot import fault_in

    try:
        yield
    except Exception as error:
        told = fault_in(error)
        if told is None:
            raise
        raise Fault(told, code=BOT_CODE, suggestion=_SUGGESTION, exit_code=ExitCode.REFUSED) from error


@contextmanager
def bots_aside() -> Iterator[None]:
    """Let what bots print go to stderr: stdout is for the command's data."""
    with redirect_stdout(sys.stderr):
        yield
