"""Chance: one stream for each agent and purpose."""

from hashlib import sha256
from itertools import product
from random import Random

from cryptex.sim.randomness import stream


def test_a_stream_is_seeded_by_what_it_is_for() -> None:
    seed = int.from_bytes(sha256(b"7:calm:noise:3:decisions").digest(), "big")
    assert stream(7, "calm", "noise", 3, "decisions").random() == Random(seed).random()


def test_no_two_streams_are_alike() -> None:
    keys = list(product((1, 11), ("calm", "volatile"), ("noise", "value"), (0, 1), ("decisions", "other")))
    assert len({stream(*key).random() for key in keys}) == len(keys)
