"""Sealed files: what was written comes back; what was changed, cut, swapped or sealed by another key does not."""

import io
from random import Random

import pytest

from cryptex.store.data_key import DataKey
from cryptex.store.sealed import (
    PIECE_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    SealBroken,
    SealingWriter,
    UnsealingReader,
    seal,
    unseal,
)

KEY, OTHER = DataKey.from_hex("01" * 32), DataKey.from_hex("02" * 32)
SEALED_PIECE = PIECE_BYTES + TAG_BYTES
TELLING_BYTES = 16
"""So many bytes are not in a sealed stream by chance."""


def streamed(data: bytes, step: int = 10_000) -> bytes:
    """Return data as a sealed stream, written in steps."""
    file = io.BytesIO()
    writer = SealingWriter(file, KEY, "backup", b"about")
    for at in range(0, len(data), step):
        writer.write(data[at : at + step])
    writer.end()
    return file.getvalue()


def opened(sealed: bytes, key: DataKey = KEY, about: bytes = b"about") -> bytes:
    """Return what is in a sealed stream."""
    return UnsealingReader(io.BytesIO(sealed), key, "backup", about).read()


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 200_001])
def test_a_stream_comes_back_whole(size: int) -> None:
    data = Random(size).randbytes(size)
    sealed = streamed(data)
    assert opened(sealed) == data
    reader, parts = UnsealingReader(io.BytesIO(sealed), KEY, "backup", b"about"), []
    while part := reader.read(7001):
        parts.append(part)
    assert b"".join(parts) == data
    assert size < TELLING_BYTES or data[:TELLING_BYTES] not in sealed


@pytest.mark.parametrize("size", [1, PIECE_BYTES, 2 * PIECE_BYTES])
def test_a_stream_cut_anywhere_does_not_open_to_its_end(size: int) -> None:
    sealed = streamed(bytes(size))
    ends = {0, 1, SALT_BYTES, SALT_BYTES + 1, len(sealed) - 1, SALT_BYTES + SEALED_PIECE, SALT_BYTES + SEALED_PIECE + 1}
    for end in sorted(end for end in ends if end < len(sealed)):
        with pytest.raises(SealBroken):
            opened(sealed[:end])


def test_pieces_cannot_be_swapped_dropped_doubled_or_added() -> None:
    sealed = streamed(Random(1).randbytes(4 * PIECE_BYTES))
    head, body = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
    one, two, three, four = (body[at * SEALED_PIECE : (at + 1) * SEALED_PIECE] for at in range(4))
    assert opened(head + one + two + three + four)
    swapped, dropped, doubled = (two, one, three, four), (one, three, four), (one, one, two, three, four)
    for pieces in (swapped, dropped, doubled, (one, two, three, four, four)):
        with pytest.raises(SealBroken):
            opened(head + b"".join(pieces))


def test_each_flipped_bit_and_each_other_key_is_found() -> None:
    sealed = streamed(Random(2).randbytes(PIECE_BYTES + 100))
    random = Random(3)
    for _ in range(100):
        changed = bytearray(sealed)
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        with pytest.raises(SealBroken):
            opened(bytes(changed))
    with pytest.raises(SealBroken):
        opened(sealed, OTHER)
    with pytest.raises(SealBroken):
        opened(sealed, about=b"another")


def test_two_streams_of_the_same_differ() -> None:
    assert streamed(b"the same") != streamed(b"the same")


def test_one_piece_comes_back_and_is_bound_to_what_it_is_about() -> None:
    sealed = seal(KEY, "snapshot", b"state", b"4")
    assert unseal(KEY, "snapshot", sealed, b"4") == b"state"
    for key, purpose, data, about in (
        (OTHER, "snapshot", sealed, b"4"),
        (KEY, "backup", sealed, b"4"),
        (KEY, "snapshot", sealed[:-1], b"4"),
        (KEY, "snapshot", b"", b"4"),
        (KEY, "snapshot", sealed, b"5"),
    ):
        with pytest.raises(SealBroken):
            unseal(key, purpose, data, about)
