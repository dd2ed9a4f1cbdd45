"""What the engine raises when it can no longer trust itself."""


class InvariantBroken(Exception):
    """A rule that always holds does not: the node must stop and replay its log."""


def require(condition: bool, message: str) -> None:
    """Raise InvariantBroken unless `condition` holds. Never a bare assert: `python -O` removes those."""
    if not condition:
        raise InvariantBroken(message)
