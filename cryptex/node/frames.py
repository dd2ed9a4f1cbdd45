"""Websocket frames (RFC 6455, section 5.2) as far as the hot path needs them: whole plain messages in, texts out.

Nearly every frame that a client sends is one short masked text. Those are read here; whatever else there is (control
frames, fragments, text beyond ASCII, faults) stays with the websockets library, which knows all the rules.
"""

from collections.abc import Sequence
from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]

FRAME_OVERHEAD_BYTES_MAX: Final = 14
"""A header with the longest length and a mask."""

_FINAL_TEXT: Final = 0x81
_FINAL_BINARY: Final = 0x82
_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_LENGTH_IN_2: Final = 126
_LENGTH_IN_8: Final = 127
_LONG: Final = 1 << 16


def read_frame(data: bytes, start: int) -> tuple[int, bytes | None]:
    """Return where the frame that begins at `start` ends, and its message where it is a plain one.

    Plain is a whole message in one masked frame, binary or ASCII text. An end beyond the data says that the frame has
    not arrived whole; it is exact once the header has.
    """
    arrived = len(data)
    body = start + 2
    if body > arrived:
        return body + FRAME_OVERHEAD_BYTES_MAX, None
    first, second = data[start], data[start + 1]
    length = second & _LENGTH
    if length >= _LENGTH_IN_2:
        begin, body = body, body + (2 if length == _LENGTH_IN_2 else 8)
        if body > arrived:
            return body + FRAME_OVERHEAD_BYTES_MAX, None
        length = int.from_bytes(data[begin:body], "big")
    if not second & _MASKED:
        return body + length, None
    payload = body + 4
    end = payload + length
    if end > arrived or (first != _FINAL_TEXT and first != _FINAL_BINARY):
        return end, None
    message: bytes = apply_mask(data[payload:end], data[body:payload])
    return end, message if first == _FINAL_BINARY or message.isascii() else None


def read_messages(data: bytes, start: int, bytes_max: int) -> tuple[int, list[bytes]]:
    """Return plain messages from `start` on, none longer than `bytes_max`, and where the first other frame begins."""
    messages: list[bytes] = []
    arrived = len(data)
    while start < arrived:
        end, message = read_frame(data, start)
        if message is None or len(message) > bytes_max:
            break
        messages.append(message)
        start = end
    return start, messages


def text_frames(texts: Sequence[bytes]) -> bytes:
    """Return text messages, each in a frame of its own."""
    return b"".join([text_frame(text) for text in texts])


def text_frame(text: bytes) -> bytes:
    """Return a text message in one frame, as servers send it: without a mask."""
    length = len(text)
    if length < _LENGTH_IN_2:
        return b"\x81%c%b" % (length, text)
    if length < _LONG:
        return b"\x81\x7e%b%b" % (length.to_bytes(2, "big"), text)
    return b"\x81\x7f%b%b" % (length.to_bytes(8, "big"), text)
