"""Texts of a few lines."""

from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words


def drawn(words: Words, width: int) -> list[str]:
    """Return the lines."""
    return ["".join(span.text for span in line) for line in words.lines(width, 0)]


def test_words_wrap_at_their_width_and_an_empty_line_stays() -> None:
    words = Words("one two three\n\nfour")
    assert drawn(words, 7) == ["one two", "three", "", "four"]
    assert drawn(words, 40) == ["one two three", "", "four"]


def test_a_word_that_is_too_long_is_parted() -> None:
    assert drawn(Words("http://127.0.0.1"), 8) == ["http://1", "27.0.0.1"]


def test_without_a_text_there_is_no_line() -> None:
    assert drawn(Words(), 8) == []


def test_words_have_one_ink() -> None:
    (line,) = Words("old", Ink.BAD, bold=True).lines(8, 0)
    assert [(span.ink, span.bold) for span in line] == [(Ink.BAD, True)]
