"""A node as a process: the ready line, signals, being killed, and connections that misbehave."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cryptex.engine.snapshot import RULES_VERSION, state_hash
from cryptex.node.clock import ManualClock
from cryptex.node.http_protocol import HEADER_BYTES_MAX
from cryptex.node.listener import listen
from cryptex.node.serve import RunFile, read_run_file, run
from cryptex.node.settings import load_settings
from cryptex.node.startup import recover
from cryptex.protocol.problems import ExitCode
from cryptex.store.database import FolderLock
from cryptex.store.journal import SqliteJournal
from cryptex.store.snapshots import SnapshotStore
from tests.node.process import NodeProcess, gone

STOP_BUDGET_S = 5.0
PASSWORD = "correct horse"


class Nodes:
    """Starts nodes on one folder, and leaves none behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[NodeProcess] = []

    def start(self, **flags: Any) -> NodeProcess:
        node = NodeProcess(self.folder, **flags)
        self.started.append(node)
        return node

    def state_hash(self, snapshots: Path) -> str:
        """Return the hash of the state in the folder, which no node may be using."""
        journal = SqliteJournal.open(self.folder, rules_version=RULES_VERSION)
        try:
            return state_hash(recover(journal, SnapshotStore(snapshots), ManualClock()).exchange)
        finally:
            journal.close()


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path / "data")
    yield nodes
    for node in nodes.started:
        if node.process.poll() is None:
            node.process.kill()
            node.wait()


def enter(node: NodeProcess, name: str) -> str:
    """Register and log in; return the token."""
    node.ask("POST", "/users", {"username": name, "password": PASSWORD})
    token: str = node.ask("POST", "/sessions", {"username": name, "password": PASSWORD})["token"]
    return token


def test_it_says_ready_serves_and_ends_with_0_on_sigterm(nodes: Nodes) -> None:
    node = nodes.start()
    assert node.ready == f"ready http://127.0.0.1:{node.port} data_dir={nodes.folder} epoch=1 sequence=15"
    assert node.ask("GET", "/health/ready")["sequence"] == 15
    assert read_run_file(nodes.folder) == RunFile(node.process.pid, f"http://127.0.0.1:{node.port}")
    [follower] = node.children()
    before = time.monotonic()
    assert node.end() == 0
    assert time.monotonic() - before < STOP_BUDGET_S
    assert node.errors == "", "quiet unless something is wrong"
    assert read_run_file(nodes.folder) is None
    assert gone(follower)


def test_a_killed_node_comes_back_as_it_was(nodes: Nodes, tmp_path: Path) -> None:
    node = nodes.start()
    anna, bela = enter(node, "anna"), enter(node, "bela")
    for token, asset, amount in ((anna, "BTC", "10"), (bela, "USDT", "900000")):
        node.ask("POST", "/wallet/deposits", {"asset": asset, "amount": amount}, token)
    order = {"market": "BTC-USDT", "type": "limit", "size": "1", "price": "45000"}
    for _ in range(3):
        node.ask("POST", "/orders", {**order, "side": "sell"}, anna)
    for _ in range(2):
        node.ask("POST", "/orders", {**order, "side": "buy"}, bela)

    def seen(by: NodeProcess) -> list[Any]:
        paths = ("/orders", "/wallet", "/fills", "/wallet/entries")
        # Bela had the last word: history waits for that, and has then what anna was not told of yet.
        private = [by.ask("GET", path, token=token) for path in paths for token in (bela, anna)]
        book = by.ask("GET", "/markets/BTC-USDT/book")
        return [*private, book["bids"], book["asks"], by.ask("GET", "/markets/BTC-USDT/trades")]

    before = seen(node)
    [follower] = node.children()
    assert node.end(signal.SIGKILL) == -signal.SIGKILL
    assert gone(follower), "it does not outlive its node"
    hash_after_kill = nodes.state_hash(nodes.folder)
    assert hash_after_kill == nodes.state_hash(tmp_path / "no snapshots")
    again = nodes.start(as_json=True)
    line = json.loads(again.ready)
    assert (line["url"], line["data_dir"], line["epoch"]) == (again.url, str(nodes.folder), 2)
    assert seen(again) == before
    assert again.end(signal.SIGINT) == 0
    assert nodes.state_hash(nodes.folder) == nodes.state_hash(tmp_path / "still no snapshots")


def test_a_follower_that_hangs_does_not_hold_up_the_stop(nodes: Nodes) -> None:
    node = nodes.start()
    enter(node, "anna")
    [follower] = node.children()
    os.kill(follower, signal.SIGSTOP)
    before = time.monotonic()
    assert node.end() == 0
    assert time.monotonic() - before < STOP_BUDGET_S
    assert "is killed" in node.errors_file.read_text()
    assert gone(follower)


def test_it_refuses_to_start_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    with FolderLock(tmp_path):
        assert run(settings) == ExitCode.REFUSED
    assert capsys.readouterr().err.startswith(f"error: another node is running on {tmp_path}")
    for name in ("lock.db", "users.db"):
        (tmp_path / name).write_bytes(b"this is not a database " * 400)
        assert run(settings) == ExitCode.REFUSED
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(f"error: {tmp_path / name} is damaged (file is not a database): ")
        (tmp_path / name).unlink()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(load_settings(data_dir=tmp_path, port=port)) == ExitCode.REFUSED
    assert capsys.readouterr().err.startswith(f"error: can not listen on 127.0.0.1 port {port}: ")
    assert run(load_settings(data_dir=tmp_path, host="0.0.0.0")) == ExitCode.USAGE
    said = capsys.readouterr()
    assert "--insecure" in said.err
    assert said.out == ""


def said(port: int, data: bytes) -> bytes:
    """Send something, and return all that is answered until the node hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        answer = b""
        try:
            while piece := connection.recv(65_536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def test_connections_that_misbehave_are_hung_up_on(nodes: Nodes) -> None:
    node = nodes.start()
    head = b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert said(node.port, b"") == b"", "says nothing"
    assert said(node.port, head) == b"", "never ends its headers"
    assert said(node.port, head + b"Content-Length: 50\r\n\r\n{") == b"", "never ends its body"
    assert said(node.port, head + b"A: " + b"a" * 20_000).startswith(b"HTTP/1.1 400"), "has headers without end"
    answer = said(node.port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answer.lower()
    assert node.end() == 0


def test_a_stop_beside_answers_that_nobody_takes_is_no_fault(nodes: Nodes) -> None:
    node = nodes.start()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", node.port))
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        connection.recv(1)  # the first of them is on its way
        assert node.end() == 0
    assert "Traceback" not in node.errors
    assert "Cancelled" not in node.errors


def test_a_second_node_on_a_port_is_refused_before_the_first_is_ready(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        refusals: list[str] = []
        assert run(load_settings(data_dir=tmp_path, port=port), tell=refusals.append) == ExitCode.REFUSED
    [refusal] = refusals
    assert refusal.startswith(f"can not listen on 127.0.0.1 port {port}: ")
    assert not list(tmp_path.iterdir()), "nothing was touched"


def upgrade(*lines: bytes, path: bytes = b"/ws") -> bytes:
    """Return the head of a websocket handshake."""
    head = [b"GET " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: Upgrade", b"Upgrade: websocket"]
    key = [b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    return b"\r\n".join([*head, *key, *lines, b"", b""])


BAD_UPGRADES = {
    "a long line": upgrade(b"A: " + b"a" * 9_000),
    "many headers": upgrade(*[b"A: a"] * 130),
    "a long path": upgrade(path=b"/ws?" + b"a" * 9_000),
    "a body": upgrade(b"Content-Length: 5"),
    "a far too long header": upgrade(b"A: " + b"a" * 70_000),
    "no key": upgrade().replace(b"Sec-WebSocket-Key", b"A"),
}


def test_websocket_handshakes_that_misbehave_are_answered_and_hold_up_nothing(nodes: Nodes) -> None:
    node = nodes.start()
    for name, head in BAD_UPGRADES.items():
        assert said(node.port, head).startswith(b"HTTP/1.1 400"), name
    problem = said(node.port, BAD_UPGRADES["a long line"])
    assert b"content-type: application/problem+json" in problem
    body = json.loads(problem.partition(b"\r\n\r\n")[2])
    assert (body["code"], body["status"]) == ("invalid_request", 400)
    opened = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(30)]
    for connection, head in zip(opened, list(BAD_UPGRADES.values()) * 5, strict=True):
        connection.sendall(head)  # and never reads
    before = time.monotonic()
    assert node.end() == 0
    assert time.monotonic() - before < STOP_BUDGET_S
    assert node.errors == ""
    for connection in opened:
        connection.close()


def test_a_header_is_bounded_also_where_it_comes_at_once(nodes: Nodes) -> None:
    node = nodes.start()
    common = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for padding in (b"a" * 70_000, b" " * 70_000, b"a" * HEADER_BYTES_MAX):
        answer = said(node.port, common + b"A: " + padding + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"application/problem+json" in answer
    for padding in (b"a", b"a" * (HEADER_BYTES_MAX - 200)):
        assert said(node.port, common + b"A: " + padding + b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert node.end() == 0
    assert node.errors == ""
