"""The shell commands of the page for scripters, as a script, over a way that loses the reply to an order."""

import csv
import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.conftest import PASSWORD
from tests.docs.lossy_proxy import LossyProxy
from tests.docs.pages import blocks
from tests.end_to_end.node_process import NodeProcess

USER = "dora"


def script() -> str:
    """Return the blocks as one script, for a user of its own."""
    found = [block.text for block in blocks("sh") if block.page.name == "scripters.md"]
    return "set -eu\n" + "".join(found).replace("alice", USER)


def environment(tmp_path: Path, url: str) -> dict[str, str]:
    """Return an environment with a `cryptex`, and with nothing of the person who runs the tests."""
    shim = tmp_path / "bin" / "cryptex"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cryptex "$@"\n')
    shim.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRYPTEX_", "XDG_"))}
    return kept | {
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "HOME": str(tmp_path),
        "CRYPTEX_NODE": url,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_the_shell_commands_run(node: NodeProcess, tmp_path: Path) -> None:
    marker = b'"client_order_id":"shell-2"'  # in the reply to the order, and to the question what became of it
    with LossyProxy(urlsplit(node.url).port or 0, marker, losses=2) as proxy:
        ended = subprocess.run(
            ["sh", "-c", script()],
            env=environment(tmp_path, proxy.url),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 0, ended.stderr
    assert len(proxy.lost) == 2
    assert ended.stderr.count("outcome_unknown") == 1
    with Path("fills.csv").open(newline="") as file:
        assert [row["size"] for row in csv.DictReader(file)] == ["0.01000"]
    dora = node.rest()
    dora.login(USER, PASSWORD)
    assert [order.client_order_id for order in dora.orders()] == ["shell-2", "shell-1"]
