"""Text from outside, made harmless: what moves a cursor, hides itself or turns the reading direction is written out."""

from typing import Final

INVISIBLE: Final = frozenset(
    map(
        chr,
        (
            0x034F,  # joins graphemes, and is not seen
            0x115F,
            0x1160,
            0x17B4,
            0x17B5,
            *range(0x180B, 0x1810),
            0x3164,
            *range(0xFE00, 0xFE10),  # choose between shapes of the character before
            0xFFA0,
            *range(0xE0100, 0xE01F0),
        ),
    )
)
"""Characters that Unicode counts as printable and that show nothing: two names that differ in them look the same."""


def is_harmless(char: str) -> bool:
    """Return whether a character is seen as what it is: no control, no format (such as bidi), no filler."""
    return char.isprintable() and char not in INVISIBLE


def printable(text: str) -> str:
    """Return text with every character that is not harmless written as an escape, such as `\\\\x1b`."""
    if text.isprintable() and (text.isascii() or INVISIBLE.isdisjoint(text)):
        return text
    return "".join(char if is_harmless(char) else _escape(char) for char in text)


def printable_json(text: str) -> str:
    """Return JSON that means the same, and in which every character that is not harmless is an escape of JSON's.

    Line ends between values stay; inside a text they are escapes already.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char == "\n" or is_harmless(char) else _json_escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
