"""Drawing in place on a terminal, and the progress bar."""

import os
import sys

import pytest

from cryptex.cli.output import Output
from cryptex.cli.screen import Screen


def test_a_drawing_replaces_the_one_before(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))
    screen = Screen()
    screen.show("one\ntwo\n")
    screen.show("three\n")
    first, second = capsys.readouterr().out.split("\x1b[2A\r")
    assert first == "one\x1b[K\ntwo\x1b[K\n\x1b[J"
    assert second == "three\x1b[K\n\x1b[J"


def test_what_does_not_fit_is_left_out_but_not_the_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 4)))
    Screen().show("a\nb\nc\nd\nlive\n")
    out = capsys.readouterr().out
    assert out.count("\n") == 3
    assert ("c" in out, "live" in out) == (False, True)


def test_a_line_wider_than_the_terminal_takes_several_rows_and_is_not_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((4, 24)))
    screen = Screen()
    screen.show("\x1b[1m12345678\x1b[0m\nlive\n")
    screen.show("1\nlive\n")
    first, second = capsys.readouterr().out.split("\x1b[3A\r")
    assert first == "\x1b[1m12345678\x1b[0m\nlive\n\x1b[J"
    assert second == "1\x1b[K\nlive\n\x1b[J"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_progress_bar_is_for_terminals(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    with Output().progress("Doing") as tell:
        tell(1, 2)
        tell(1, 2)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == ("\rDoing [###############...............]  50 %\r\x1b[K" if terminal else "")
