"""A node that wants to harm the terminal of who asks it: in every field, on every way to be printed."""

import json
import logging
import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from typer.main import get_command

from cryptex.cli import log_lines, main, output, table
from cryptex.cli.live import EventsWatch, Watch, _Printer
from cryptex.cli.main import build_app
from cryptex.cli.output import Format, Output
from cryptex.cli.watch_private import FillsWatch, OrdersWatch, WalletWatch
from cryptex.cli.watch_public import TickersWatch
from cryptex.client.models import Balance, Fill, Order, Ticker
from cryptex.protocol import terms
from cryptex.protocol.printable import is_harmless
from cryptex.protocol.problems import CATALOGUE, Code
from cryptex.protocol.terms import Term
from tests.cli.canned import ANSWERS, Canned
from tests.cli.conftest import Cli, Ended
from tests.cli.golden import FORMS
from tests.cli.test_golden import COMMANDS

HARM = "\x1b[2J\x1b]0;owned\x07\x9b31m\x90\u202eevil\u2066\u200b\u200d\ufeff\u3164\ufe0f\r\n\x08\x00\x7f[bold red]x[/]"
_KINDS = [kind for kind in vars(terms).values() if isinstance(kind, type) and issubclass(kind, Term)]
_ENUMS = {member.value for kind in _KINDS for member in kind}
_STYLES = ["\x1b[0m", *(style.value for style in table.Style if style)]
_OWN_STYLE = re.compile("|".join(map(re.escape, _STYLES)))


@pytest.fixture(autouse=True)
def one_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build the command line once: it is run two hundred times here."""
    monkeypatch.setattr(main, "build_app", _app)


@cache
def _app() -> Any:
    return get_command(build_app())


def poisoned(value: Any) -> Any:
    """Return an answer with the harm in every text that a view takes as it comes, and in names that nobody knows."""
    if isinstance(value, str):
        return value if value in _ENUMS else value + HARM
    if isinstance(value, list):
        return [poisoned(each) for each in value]
    if isinstance(value, dict):
        return {**{name: poisoned(each) for name, each in value.items()}, f"new{HARM}": HARM}
    return value


def raw(data: bytes) -> bytes:
    """Return JSON that is none: with control characters as they are."""
    return data.replace(b"\\u001b", b"\x1b").replace(b"\\u0007", b"\x07").replace(b"\\u0000", b"\x00") + b"\xff\xfe"


def assert_harmless(*texts: str) -> None:
    for text in texts:
        assert {char for char in text if not is_harmless(char) and char != "\n"} == set()


def ask(cli: Cli, name: str, form: str) -> Ended:
    ended = cli(*COMMANDS[name], "-o", form, stdin="password123\n")
    assert_harmless(ended.out, ended.err)
    return ended


@pytest.mark.parametrize("name", COMMANDS)
def test_a_poisoned_answer_is_printed_harmlessly_in_every_form(name: str, cli: Cli, node: Canned) -> None:
    for route, (status, body) in ANSWERS.items():
        if body:
            node.answers[route] = status, msgspec.json.encode(poisoned(msgspec.json.decode(body)))
    for form in FORMS:
        ended = ask(cli, name, form)
        if form == "json" and ended.out:
            json.loads(ended.out.splitlines()[0])


@pytest.mark.parametrize("form", FORMS)
def test_markup_is_text(form: str, cli: Cli, node: Canned) -> None:
    node.answers["GET /markets"] = 200, msgspec.json.encode(poisoned(msgspec.json.decode(ANSWERS["GET /markets"][1])))
    assert "[bold red]x[/]" in ask(cli, "markets", form).out


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_answer_at_all_is_told_harmlessly(form: str, cli: Cli, node: Canned) -> None:
    for name, route in (("markets", "GET /markets"), ("orders", "GET /orders"), ("deposit", "POST /wallet/deposits")):
        status, body = ANSWERS[route]
        harmed = msgspec.json.encode(poisoned(msgspec.json.decode(body)))
        for answer in (raw(harmed), HARM.encode(), b"", b"\xff\xfe", b'{"markets":"' + HARM.encode() + b'"}'):
            node.answers[route] = status, answer
            ask(cli, name, form)
        enum = json.loads(body)
        for row in enum.get("orders", enum.get("markets", [enum])):
            row.update(state=HARM, status=HARM, side=HARM, kind=HARM)
        node.answers[route] = status, msgspec.json.encode(enum)
        ask(cli, name, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("code", ["insufficient_funds", "outcome_unknown", f"unheard_of{HARM}"])
def test_a_problem_is_told_harmlessly(code: str, form: str, cli: Cli, node: Canned) -> None:
    entry = CATALOGUE[Code(code)] if code in CATALOGUE else CATALOGUE[Code.INTERNAL_ERROR]
    body = {"type": HARM, "title": HARM, "status": 422, "code": code, "detail": HARM, "suggestion": HARM, "a": HARM}
    node.answers["POST /orders"] = entry.status, msgspec.json.encode({**body, f"b{HARM}": HARM})
    ended = ask(cli, "buy", form)
    if code == "outcome_unknown":  # then the order is looked up, and found
        assert ended.code == 0
    else:
        assert "[bold red]x[/]" in ended.err


@pytest.mark.parametrize("form", ["table", "json"])
def test_on_a_terminal_only_our_own_colours_are_obeyed(
    form: str, cli: Cli, node: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = False
    for name, route in (("orders", "GET /orders"), ("markets", "GET /markets"), ("fills", "GET /fills")):
        harmed = msgspec.json.encode(poisoned(msgspec.json.decode(ANSWERS[route][1])))
        for answer in (harmed, raw(harmed)):
            node.answers[route] = 200, answer
            ended = cli(*COMMANDS[name], "-o", form)
            coloured |= "\x1b[" in ended.out
            assert_harmless(_OWN_STYLE.sub("", ended.out), ended.err)
    assert coloured is (form == "table")


def replica(**fields: object) -> Any:
    """Return what a watch reads of a subscription."""
    return SimpleNamespace(replica=SimpleNamespace(**fields), live=True)


def model(route: str, name: str, kind: type[Any]) -> Any:
    """Return the first object of a canned list as the SDK's model, with harm in its texts that are free."""
    fields = json.loads(ANSWERS[route][1])
    (row, *_) = fields[name] if name else [fields]
    free = {"market", "client_order_id", "asset", "fee_asset"}
    return msgspec.convert(
        {key: f"{value}{HARM}" if key in free else value for key, value in row.items()}, kind, strict=False
    )


def watches(out: Output) -> list[Watch]:
    order, fill = model("GET /orders", "orders", Order), model("GET /fills", "fills", Fill)
    balance, ticker = (
        model("GET /wallet", "balances", Balance),
        model("GET /markets/BTC-USDT/ticker", "", Ticker),
    )
    return [
        TickersWatch(out, [replica(ticker=ticker)]),
        OrdersWatch(out, replica(open=[order], closed=[]), None, 10),
        FillsWatch(out, replica(fills=[fill], after=lambda _id: [fill]), None, None, 10),
        WalletWatch(out, replica(balances={balance.asset: balance})),
    ]


class Events(EventsWatch):
    """Something that happened, told in the node's words."""

    sheet = TickersWatch.sheet
    done = False

    def greeting(self) -> str:
        return HARM

    def changes(self) -> list[msgspec.Struct]:
        return [model("GET /markets/BTC-USDT/ticker", "", Ticker)]

    def line(self, event: msgspec.Struct) -> str:
        return f"it is {event}"


@pytest.mark.parametrize("form", [Format.TABLE, Format.NDJSON, Format.CSV])
def test_what_is_followed_is_printed_harmlessly(form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(form)
    run: Any = SimpleNamespace(out=out)
    for each in [*watches(out), Events([])]:
        printer = _Printer(run, each)
        if isinstance(each, EventsWatch):
            printer._say_if_changed(True)
        elif form is Format.TABLE:
            printer._draw(True)
        printer._print_rows()
    printed = capsys.readouterr()
    assert_harmless(printed.out, printed.err)
    assert "[bold red]x[/]" in printed.out


def test_what_libraries_log_is_harmless(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.Logger("root", logging.WARNING)
    monkeypatch.setattr(logging, "getLogger", lambda *_: root)
    log_lines.log_harmlessly()
    log_lines.log_harmlessly()
    assert len(root.handlers) == 1
    try:
        raise ValueError(HARM)
    except ValueError:
        root.exception("of a message: %s", HARM)
    said = capsys.readouterr().err
    assert_harmless(said)
    assert "Traceback" in said
