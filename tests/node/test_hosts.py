"""A node on loopback answers to its own names alone, over HTTP and websocket: pages of others have other names."""

import asyncio
from pathlib import Path

import pytest

from cryptex.node.hosts import host_check
from cryptex.node.settings import Settings, load_settings
from cryptex.node.settings_file import SettingsError
from tests.node.served import Served, served

EVIL = "evil.example"


def settings_of(folder: Path, node: str = "", tls: str = "", host: str | None = None) -> Settings:
    path = folder / "node.toml"
    path.write_text(f"[node]\n{node}\n[tls]\n{tls}\n")
    return load_settings(path, data_dir=folder, host=host)


@pytest.mark.parametrize(
    ("value", "is_own"),
    [
        ("localhost", True),
        ("LocalHost.:7070", True),
        ("127.0.0.1:7070", True),
        ("127.8.9.1", True),
        ("[::1]:7070", True),
        ("[::1]", True),
        ("node.example:443", True),
        ("a.b.below.example", True),
        (EVIL, False),
        (f"{EVIL}:7070", False),
        ("localhost.evil.example", False),
        ("evil.example:localhost", False),
        ("below.example", False),
        ("evilbelow.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1", False),
        ("[::1", False),
        ("[::1]x", False),
        ("[evil.example]", False),
        ("[", False),
        ("", False),
        ("localhost, evil.example", False),
        ("\xe9vil", False),
    ],
)
def test_names_of_a_node_on_loopback(value: str, is_own: bool, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, 'allowed_hosts = ["Node.Example", "*.below.example"]')
    check = host_check(settings, on_loopback=True)
    assert check is not None
    assert check(value.encode("latin-1")) is is_own


def test_its_own_host_and_tls_names_are_names_too(tmp_path: Path) -> None:
    check = host_check(settings_of(tmp_path, tls='names = ["tls.example"]', host="mine.local"), on_loopback=True)
    assert check is not None
    assert [check(each) for each in (b"mine.local:1", b"tls.example", b"other.local")] == [True, True, False]


def test_where_every_name_is_good(tmp_path: Path) -> None:
    assert host_check(settings_of(tmp_path), on_loopback=False) is None
    assert host_check(settings_of(tmp_path, 'allowed_hosts = ["*"]'), on_loopback=True) is None
    assert host_check(settings_of(tmp_path, tls='certificate = "a.pem"\nkey = "b.pem"'), on_loopback=True) is None
    with pytest.raises(SettingsError, match=r"node\.allowed_hosts"):
        settings_of(tmp_path, 'allowed_hosts = ["node.example:443"]')


async def said(node: Served, *heads: str) -> str:
    """Return what a node says to requests on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    for head in heads:
        writer.write(f"{head}\r\n\r\n".encode())
    writer.write_eof()
    answer = (await reader.read()).decode()
    writer.close()
    return answer


UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
)


async def test_a_page_whose_name_leads_here_gets_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        get = "GET /health/live HTTP/1.1\r\nHost: "
        for head in (
            f"{get}{EVIL}:{node.port}",
            f"{get}localhost\r\nHost: {EVIL}",
            f"GET /ws HTTP/1.1\r\nHost: {EVIL}:{node.port}\r\nOrigin: http://{EVIL}:{node.port}\r\n{UPGRADE}",
        ):
            answer = await said(node, head)
            assert answer.startswith("HTTP/1.1 400 "), head
            assert '"code":"invalid_request"' in answer
            assert "allowed_hosts" in answer
            assert "x-content-type-options" in answer.lower(), "as every answer has"
        answer = await said(node, f"{get}localhost", f"{get}{EVIL}", f"{get}localhost")
        assert [answer.count(f"HTTP/1.1 {status}") for status in (200, 400)] == [1, 1], "the connection ends with it"
        socket = await said(node, f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n{UPGRADE}")
        assert socket.startswith("HTTP/1.1 101 ")
        assert (await said(node, "GET /health/live HTTP/1.0")).startswith("HTTP/1.1 200 "), "no browser leaves it out"
