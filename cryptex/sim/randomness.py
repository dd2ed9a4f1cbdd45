"""Chance, one stream for each agent and purpose, so that no draw of one ever moves another's."""

from hashlib import sha256
from random import Random


def stream(seed: int, scenario: str, group: str, index: int, purpose: str) -> Random:
    """Return the generator of one agent for one purpose: the same in every process, whoever else takes part."""
    digest = sha256(f"{seed}:{scenario}:{group}:{index}:{purpose}".encode()).digest()
    return Random(int.from_bytes(digest, "big"))  # noqa: S311 (a simulation, not a secret)
