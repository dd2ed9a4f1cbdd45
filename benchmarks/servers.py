"""The servers that are measured, each in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Final, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.wire import free_port
from cryptex.cli.bench_run import CONFIG
from cryptex.cli.private_node import PLAIN, PrivateNode
from cryptex.client.rest import RestClient
from cryptex.node.serve import read_run_file

START_S_MAX: Final = 10
PASSWORD: Final = "a long password"


class Node(NamedTuple):
    """A node that runs: where, its two processes, and the tokens of its users."""

    url: str
    data_dir: Path
    pid: int
    follower_pid: int
    tokens: list[str]


class Echo(NamedTuple):
    """The bare echo: where, and its process."""

    url: str
    pid: int


@contextmanager
def run_node(
    users: int = 0, folder: Path | None = None, config: str = CONFIG, *, encrypted: bool = False
) -> Iterator[Node]:
    """Run a node, by default without limits and in a folder that is gone afterwards, with so many funded users."""
    with TemporaryDirectory(prefix="cryptex-bench-") as temporary:
        folder = folder or Path(temporary) / "data"
        flags = ["--key-file", str(Path(temporary) / "node.key")] if encrypted else PLAIN
        with PrivateNode(folder, config, flags) as private:
            url = private.start().url
            run_file = read_run_file(folder)
            assert run_file is not None
            yield Node(
                url, folder, run_file.pid, _child(run_file.pid), [register(url, number) for number in range(users)]
            )


@contextmanager
def run_echo() -> Iterator[Echo]:
    """Run the bare echo."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.echo", str(port)])
    try:
        _wait_for(url)
        yield Echo(url, server.pid)
    finally:
        server.terminate()
        server.wait()


def register(url: str, number: int) -> str:
    """Return the token of a new user."""
    rest = RestClient(url)
    rest.register(f"load-{number}", PASSWORD)
    return rest.login(f"load-{number}", PASSWORD).token


def _child(pid: int) -> int:
    """Return the only child of a process."""
    end = perf_counter() + START_S_MAX
    while perf_counter() < end:
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in _children(task)]
        if children:
            return children[0]
        sleep(0.01)
    raise TimeoutError("the node has no follower")


def _children(task: Path) -> list[int]:
    return [int(child) for child in (task / "children").read_text().split()]


def _wait_for(url: str) -> None:
    end = perf_counter() + START_S_MAX
    while perf_counter() < end:
        try:
            urlopen(url)
        except HTTPError:  # it answers
            return
        except OSError:
            sleep(0.02)
    raise TimeoutError("the echo server did not start")
