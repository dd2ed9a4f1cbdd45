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
    assert "one\n" in first
    assert second.endswith("three\n\x1b[?7h\x1b[J")


def test_what_does_not_fit_is_left_out_but_not_the_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 4)))
    Screen().show("a\nb\nc\nd\nlive\n")
    out = capsys.readouterr().out
    assert out.count("\n") == 3
    assert ("c\n" in out, "live\n" in out) == (False, True)


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
