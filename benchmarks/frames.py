"""Websocket frames of either side, cut out of a stream of bytes."""

from collections.abc import Iterator
from typing import Final, NamedTuple

_TEXT: Final = 0x81
_HEAD_BYTES: Final = 2
_MASK_BYTES: Final = 4
_MASKED: Final = 0x80
_LENGTH_BITS: Final = 0x7F
_LENGTH_BYTES: Final = {126: 2, 127: 8}
_SMALL_MAX: Final = 125
_MEDIUM_MAX: Final = 0xFFFF


class Frame(NamedTuple):
    """A frame as it came, and what it says."""

    whole: bytes
    body: bytes


class Frames:
    """Keeps what is not whole yet."""

    def __init__(self) -> None:
        self._arrived = bytearray()

    def split(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole with `data`."""
        self._arrived += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        arrived = self._arrived
        if len(arrived) < _HEAD_BYTES:
            return None
        length = arrived[1] & _LENGTH_BITS
        more = _LENGTH_BYTES.get(length, 0)
        mask_bytes = _MASK_BYTES if arrived[1] & _MASKED else 0
        begin = _HEAD_BYTES + more + mask_bytes
        if len(arrived) < begin:
            return None
        if more:
            length = int.from_bytes(arrived[_HEAD_BYTES : _HEAD_BYTES + more])
        if len(arrived) < begin + length:
            return None
        whole = bytes(arrived[: begin + length])
        del arrived[: begin + length]
        mask = whole[begin - mask_bytes : begin]
        body = whole[begin:]
        return Frame(whole, _unmasked(body, mask) if mask else body)


def served(text: bytes) -> bytes:
    """Return a text frame as a server sends it."""
    length = len(text)
    if length <= _SMALL_MAX:
        return bytes((_TEXT, length)) + text
    kind, size = (126, 2) if length <= _MEDIUM_MAX else (127, 8)
    return bytes((_TEXT, kind)) + length.to_bytes(size) + text


def _unmasked(body: bytes, mask: bytes) -> bytes:
    key = mask * (len(body) // _MASK_BYTES + 1)
    return bytes(byte ^ other for byte, other in zip(body, key, strict=False))
