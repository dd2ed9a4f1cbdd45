"""`cryptex tui --serve`: what it prints, what it refuses, and that nothing is left of it."""

import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection

import msgspec
import pytest
from websockets.sync.client import connect

from cryptex.cli.folders import is_alive, wait_until
from tests.cli.conftest import Cli
from tests.cli.live import LiveNode, lines

WAIT_S = 30.0


class Printed(msgspec.Struct):
    """What it prints with -o json."""

    url: str


@pytest.mark.parametrize("host", ["0.0.0.0", "exchange.example", "192.168.0.1", "::"])
def test_only_this_machine_is_served(host: str, cli: Cli) -> None:
    ended = cli("tui", "--serve", "--host", host)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: the terminal is served on this machine alone, not on {host} (usage)\n"
        "Give --host one of localhost, 127.0.0.1, ::1; from afar use `ssh -L`.\n"
    )


@pytest.mark.parametrize("words", [["--port", "0"], ["--host", "127.0.0.1"]], ids=" ".join)
def test_where_to_listen_is_asked_of_a_server_alone(words: list[str], cli: Cli) -> None:
    ended = cli("tui", *words)
    assert (ended.code, ended.out) == (2, "")
    assert "--host and --port belong to --serve" in ended.err


def test_without_the_extra_it_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cryptex.cli.browser.find_spec", lambda _: None)
    ended = cli("tui", "--serve")
    assert ended.code == 2
    assert "Install it: pip install 'cryptex[browser]'." in ended.err


def test_a_port_that_is_taken_is_said(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = cli("tui", "--serve", "--port", str(port))
    assert (ended.code, ended.out) == (1, "")
    assert f"can not listen on 127.0.0.1, port {port}: Address already in use (system)" in ended.err
    assert "0 takes a free one" in ended.err


def test_a_terminal_is_still_needed_without_it(cli: Cli) -> None:
    ended = cli("tui")
    assert ended.code == 2
    assert "a browser shows it with --serve" in ended.err


def children(process_id: int) -> list[int]:
    """Return the processes that a process started and that run."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True)
    return [int(word) for word in listed.stdout.split()]


def visited(url: str) -> "tuple[str, dict[str, str]]":
    """Come in by the address; return that of the websocket, and the headers that open it."""
    host = url.removeprefix("http://").partition("/")[0]
    connection = HTTPConnection(host, timeout=WAIT_S)
    connection.request("GET", url.partition(host)[2])
    answer = connection.getresponse()
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    connection.close()
    return f"ws://{host}/ws?width=100&height=30", {"Cookie": cookie, "Origin": f"http://{host}"}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
@pytest.mark.skipif(sys.platform != "linux", reason="asks ps of Linux for the processes of a visitor")
def test_a_visitor_sees_the_login_and_is_gone_with_the_server(end: signal.Signals, live: LiveNode) -> None:
    """The server has a token in its environment; the visitor must log in all the same."""
    process = live.start("-o", "json", "tui", "--serve", "--port", "0", token=live.taker.token)
    try:
        url = msgspec.json.decode(lines(process, 1)[0], type=Printed).url
        address, headers = visited(url)
        with connect(address, additional_headers=headers, origin=None, open_timeout=WAIT_S) as visitor:
            drawn = ""
            while "register instead" not in drawn:
                drawn += bytes(visitor.recv(WAIT_S)).decode("utf-8", "replace")  # type: ignore[arg-type]  # frames are binary
            (terminal,) = children(process.pid)
            process.send_signal(end)
            out, err = process.communicate(timeout=WAIT_S)
    finally:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not is_alive(terminal), WAIT_S)
    if end is not signal.SIGKILL:
        assert process.returncode == 0
        assert out == ""
        assert err.splitlines()[-1] == "The terminals have ended. Open orders stay open, unless a switch cancels them."
        assert "Traceback" not in err
