"""Tables as text, and the look of stdout."""

import sys

import pytest

from cryptex.cli.output import Format, Output
from cryptex.cli.sheets import Sheet
from cryptex.cli.table import Cell, Column, Style, card, fitted, number, printable, table
from cryptex.protocol.codec import encode_json
from cryptex.protocol.views import UserView
from tests.cli.canned import Canned
from tests.cli.conftest import Cli


def test_numbers_stand_right_and_are_never_shortened() -> None:
    long = "123456789012345678.12345678" * 10
    lines = table([Column("NAME"), number("SIZE")], [("a", "1"), ("bc", long)], colour=False).splitlines()
    assert lines[0] == "NAME" + " " * (len(long) - 2) + "SIZE"
    assert lines[2] == f"bc    {long}"
    assert lines[1].endswith(" 1")


def test_colour_surrounds_the_padded_text_and_nothing_stands_behind_a_line() -> None:
    cell = Cell("buy", Style.BUY)
    assert table([number("S"), Column("T")], [(cell, cell)], colour=True) == (
        "\x1b[1m  S\x1b[0m  \x1b[1mT\x1b[0m\n\x1b[32mbuy\x1b[0m  \x1b[32mbuy\x1b[0m\n"
    )
    assert card([("a", cell), ("long", "longer")], colour=True).splitlines()[0] == (
        "\x1b[2ma   \x1b[0m  \x1b[32mbuy\x1b[0m"
    )
    assert table([], [], colour=False) == "\n"


def test_nothing_is_a_dash_in_tables_and_left_out_of_cards() -> None:
    assert table([Column("A"), Column("B")], [(None, "")], colour=False) == "A  B\n-  -\n"
    assert card([("name", None), ("id", 1)], colour=False) == "id  1\n"


def test_text_that_would_move_the_cursor_is_written_as_an_escape() -> None:
    assert printable("a\x1b[2Jb\r\n\u202e") == "a\\x1b[2Jb\\r\\n\\u202e"
    assert printable("[red]grün[/red]") == "[red]grün[/red]"


def test_a_hostile_name_cannot_draw(cli: Cli, node: Canned) -> None:
    node.answers["POST /users"] = (201, encode_json(UserView(1, "x\x1b]0;owned\x07", None, "now")))
    ended = cli("register", "x", "--password-stdin", stdin="password123\n")
    assert "\x1b" not in ended.out
    assert "x\\x1b]0;owned\\x07" in ended.out


COLUMNS = [number("ID"), Column("NAME", spare=1), number("STOP", spare=1), number("SIZE"), Column("TIME", spare=2)]
ROWS = [(1, "first", None, "0.50000", "2026-11-22"), (2, "second", None, "12.00000", "2026-11-23")]


@pytest.mark.parametrize(
    ("width", "titles", "left_out"),
    [
        (None, "ID NAME STOP SIZE TIME", ""),
        (38, "ID NAME STOP SIZE TIME", ""),
        (37, "ID NAME SIZE TIME", ""),
        (31, "ID NAME SIZE", "TIME"),
        (19, "ID SIZE", "NAME TIME"),
        (1, "ID SIZE", "NAME TIME"),
    ],
)
def test_a_terminal_too_narrow_loses_whole_columns(width: int | None, titles: str, left_out: str) -> None:
    columns, rows, lost = fitted(COLUMNS, ROWS, width)
    assert [column.title for column in columns] == titles.split()
    assert lost == tuple(left_out.split())
    assert all(len(row) == len(columns) for row in rows)
    text = table(columns, rows, colour=False)
    assert "12.00000" in text
    assert width in (None, 1) or max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("terminal", [True, False])
def test_columns_are_left_out_on_a_terminal_alone_and_it_is_said(
    terminal: bool, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("cryptex.cli.output._is_terminal", lambda: terminal)
    ended = cli("orders")
    head = ended.out.splitlines()[0]
    assert len(ended.out.splitlines()) == 3, "a line a record"
    assert ("CREATED" in head, "Too narrow for " in ended.err) == (not terminal, terminal)
    assert (max(map(len, ended.out.splitlines())) <= 80) is terminal


@pytest.mark.parametrize(
    ("environment", "terminal", "colour"),
    [({}, True, True), ({"NO_COLOR": "1"}, True, False), ({"TERM": "dumb"}, True, False), ({}, False, False)],
)
def test_colour_is_for_terminals_that_want_it(
    environment: dict[str, str], terminal: bool, colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert Output().colour is colour


def test_json_is_laid_out_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output(Format.JSON)
    output.answer(b'{"a":"1"}', Sheet(("a",)), str)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    output.answer(b'{"a":"1"}', Sheet(("a",)), str)
    assert capsys.readouterr().out == '{"a":"1"}\n{\n  "a": "1"\n}\n'
