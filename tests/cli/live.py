"""A real node for commands that need one, and the command line as processes on it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from cryptex.cli.private_node import PrivateNode
from cryptex.client.rest import RestClient

PASSWORD = "a long password"


class LiveNode:
    """A private node on an encrypted folder, with two users; `maker` rests orders and `taker` takes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self._home = folder / "home"
        self._home.mkdir()
        key = ["--key-file", str(folder / "node.key")]
        self._node = PrivateNode(self.folder, "[limits]\nlogins_per_minute = 0\n", key)

    def __enter__(self) -> Self:
        self.url = self._node.start().url
        self.maker, self.taker = (self._user(name) for name in ("maker", "taker"))
        self.maker.deposit("BTC", "10")
        return self

    def __exit__(self, *_: object) -> None:
        self._node.stop()

    def trade(self, price: str = "60000", size: str = "0.1") -> None:
        """Let the two trade."""
        self.maker.place_order("BTC-USDT", "sell", size, price=price)
        self.taker.place_order("BTC-USDT", "buy", size, price=price)

    def environment(self, token: str | None = None) -> dict[str, str]:
        """Return an environment in which `cryptex` means this node."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))}
        own = {"HOME": str(self._home), "CRYPTEX_NODE": self.url, "CRYPTEX_DATA_DIR": str(self.folder)}
        keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        return {**kept, **own, **keyring, **({"CRYPTEX_TOKEN": token} if token else {})}

    def start(self, *arguments: str, token: str | None = None) -> "subprocess.Popen[str]":
        """Start a command line."""
        return subprocess.Popen(
            [sys.executable, "-m", "cryptex", *arguments],
            env=self.environment(token),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _user(self, name: str) -> RestClient:
        client = RestClient(self.url)
        client.register(name, PASSWORD)
        client.login(name, PASSWORD)
        return client


def lines(process: "subprocess.Popen[str]", count: int) -> list[str]:
    """Return the next lines that a process prints."""
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(count)]


def interrupt(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Press Ctrl-C; return the exit code and what stood on stderr."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    return process.returncode, said
