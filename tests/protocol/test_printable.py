import json

import pytest

from cryptex.protocol.printable import INVISIBLE, is_harmless, printable, printable_json

HARMFUL = [
    "\x00", "\x07", "\x08", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\xad", "\u061c", "\u200b", "\u200d", "\u200f",
    "\u2028", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff", "\ufff9", "\U000e0001", "\u3164", "\ufe0f",
]  # fmt: skip


@pytest.mark.parametrize("char", HARMFUL, ids=ascii)
def test_what_a_terminal_obeys_or_hides_is_written_out(char: str) -> None:
    assert not is_harmless(char)
    shown = printable(f"a{char}b")
    assert shown.isprintable()
    assert INVISIBLE.isdisjoint(shown)
    assert shown[1] == "\\"


def test_text_that_is_seen_stays() -> None:
    for text in ("", "BTC-USDT", "grün 東京 😀", "a\\x1b"):
        assert printable(text) == text


def test_json_means_the_same_and_harms_nobody() -> None:
    value = {"name": "".join(HARMFUL) + "grün 😀\U000e0001", "list": [1, "\n\t"]}
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, ensure_ascii=False, indent=2)):
        safe = printable_json(text)
        assert all(is_harmless(char) or char == "\n" for char in safe)
        assert json.loads(safe) == value
    assert printable_json('{"a":"b"}') == '{"a":"b"}'
