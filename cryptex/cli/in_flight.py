"""Ctrl-C while a request is under way: it may have been done, and the person is told how to find out."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptex.cli.faults import INTERRUPTED_CODE, Fault
from cryptex.protocol.problems import Detail, ExitCode


@contextmanager
def in_flight(change: str, suggestion: str, **details: Detail) -> Iterator[None]:
    """Hold a request that changes something. Raises Fault on Ctrl-C: whether the `change` was made is not known."""
    try:
        yield
    except KeyboardInterrupt:
        raise Fault(
            f"interrupted; it is not known whether {change}",
            code=INTERRUPTED_CODE,
            suggestion=suggestion,
            exit_code=ExitCode.INTERRUPTED,
            details=details,
        ) from None
