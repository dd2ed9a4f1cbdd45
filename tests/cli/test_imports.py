"""A command pays only for what it uses."""

import subprocess
import sys

import pytest

from tests.cli.canned import Canned

HEAVY = (
    "textual",
    "sqlmodel",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "websockets",
    "asyncio",
    "keyring",
    "rich",
    "httpx",
)

SCRIPT = """
import sys
from cryptex.cli.main import run_line
code = run_line(sys.argv[1:])
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


def test_ticker_loads_nothing_heavy(node: Canned) -> None:
    environment = {"CRYPTEX_NODE": node.url, "HOME": "/nonexistent", "CRYPTEX_TOKEN": "t"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "ticker"], env=environment, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1].split()[1:]
    assert "cryptex" in loaded
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("arguments", [["book", "BTC-USDT"], ["-o", "json", "markets"]])
def test_a_closed_pipe_is_quiet(arguments: list[str], node: Canned) -> None:
    environment = {"CRYPTEX_NODE": node.url, "HOME": "/nonexistent"}
    command = [sys.executable, "-m", "cryptex", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
