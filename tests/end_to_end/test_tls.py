"""A node that speaks TLS, as its operator and its users meet it: processes, sockets and files."""

import json
import socket
import ssl
import urllib.request
from pathlib import Path

import pytest

from cryptex.client import RestClient, SyncExchange, UnknownNodeError
from cryptex.client.known_nodes import KnownNodes
from cryptex.node.local_ca import CERTIFICATE_FILE, FOLDER
from cryptex.node.serve import RUN_FILE
from tests.end_to_end.node_process import NodeProcess


def test_a_node_with_tls_from_its_start_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "data"
    with NodeProcess(folder, "--tls", "--tls-name", "exchange.example") as node:
        run_file = json.loads((folder / RUN_FILE).read_text())
        fingerprint = run_file["fingerprint"]
        assert node.url.startswith("https://127.0.0.1:")
        port = int(node.url.rpartition(":")[2])
        silent = socket.create_connection(("127.0.0.1", port))
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert not plain.recv(1), "plain HTTP is not answered"
        with pytest.raises(UnknownNodeError):
            RestClient(node.url).health()
        users = RestClient(node.url, trust=fingerprint)
        users.register("alice", "alice has a password")
        token = users.login("alice", "alice has a password").token
        with SyncExchange(node.url, token, trust=fingerprint) as exchange:
            assert {balance.asset for balance in exchange.balances()} >= {"USDT"}
        strict = ssl.create_default_context(cafile=str(folder / FOLDER / CERTIFICATE_FILE))
        with urllib.request.urlopen(f"{node.url}/health/ready", context=strict) as answer:
            assert json.load(answer)["status"] == "ready"
        assert KnownNodes().all() == []
        assert node.stop() == 0, "it does not wait for a handshake that nobody goes on with"
        silent.close()
