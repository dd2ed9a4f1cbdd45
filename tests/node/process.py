"""A node in a process of its own, as tests start, ask, stop and kill it."""

import http.client
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import json, sys
from cryptex.node import http_protocol, serve
from cryptex.node.settings import load_settings
http_protocol.REQUEST_TIMEOUT_S = 0.3
sys.exit(serve.run(load_settings(data_dir=sys.argv[1], port=0), **json.loads(sys.argv[2])))
"""
PATIENCE_S = 20


class NodeProcess:
    """A running node. `ready` is the line it said, or empty when it ended instead."""

    def __init__(self, data_dir: Path, **flags: Any) -> None:
        command = [sys.executable, "-c", SCRIPT, str(data_dir), json.dumps(flags)]
        self.data_dir = data_dir
        self.errors_file = data_dir.with_suffix(".stderr")
        with self.errors_file.open("wb") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline().decode().strip()

    @property
    def errors(self) -> str:
        """What it said on stderr, but for a follower that a busy machine did not let finish in time."""
        lines = self.errors_file.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if "the follower did not finish in time" not in line)

    @property
    def url(self) -> str:
        """Where it is."""
        url: str = json.loads(self.ready)["url"] if self.ready.startswith("{") else self.ready.split()[1]
        return url

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def ask(self, method: str, path: str, body: object = None, token: str | None = None) -> Any:
        """Return the JSON of an answer that must be a good one; a read waits for history for as long as it takes."""
        status, answer = self._ask(method, path, body, token)
        while method == "GET" and status == 503 and answer.get("code") == "unavailable":
            status, answer = self._ask(method, path, body, token)
        assert status < 300, answer
        return answer

    def _ask(self, method: str, path: str, body: object, token: str | None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def children(self) -> list[int]:
        """Return its child processes (Linux)."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return the exit code."""
        code = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def gone(pid: int) -> bool:
    """Wait until a process that is no child of ours is gone (Linux)."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE_S)[0])
    finally:
        os.close(descriptor)
