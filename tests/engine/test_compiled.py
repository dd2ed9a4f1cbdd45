"""The engine that an install compiles (hatch_build.py) is the engine that the rest of these tests look at.

They run from the checkout and see plain Python; the installed package, beside it, is asked in a process of its own.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import msgspec
import pytest

from benchmarks.engine import stream
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol.codec import encode_batch
from cryptex.protocol.commands import Command, Stamped
from tests.engine.test_determinism import busy_log

INSTALLED = Path(sysconfig.get_path("platlib")) / "cryptex" / "engine"
COMPILED = any(INSTALLED.glob("exchange.*.so")) or any(INSTALLED.glob("exchange.*.pyd"))
PROGRAM = """
import hashlib, sys
import msgspec
from cryptex.engine import exchange as module
from cryptex.engine.snapshot import dump, load, state_hash
from cryptex.protocol.codec import decode_batch
exchange, digest = module.Exchange(), hashlib.sha256()
for stamped in decode_batch(sys.stdin.buffer.read()):
    digest.update(msgspec.msgpack.encode(exchange.apply(stamped.time_ns, stamped.command)))
exchange.check()
print(module.__file__.rpartition(".")[2] in ("so", "pyd"), digest.hexdigest(), state_hash(load(dump(exchange))))
"""


def benchmark_log() -> list[tuple[int, Command]]:
    """Return the stream of the engine's benchmark behind its accounts, which a busy log lacks the size of."""
    exchange, log = Exchange(), [*busy_log(0)]
    for time_ns, command in log:
        exchange.apply(time_ns, command)
    commands, _ = stream(11, 2_000)
    return log + [(exchange.time_ns + 1 + index, command) for index, command in enumerate(commands)]


def test_an_install_compiles_where_there_is_a_compiler() -> None:
    origin = json.loads(distribution("cryptex").read_text("direct_url.json") or "{}")
    editable = origin.get("dir_info", {}).get("editable", False)
    if editable or os.environ.get("CRYPTEX_COMPILE") == "0" or not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("an editable install, one that left it out, or no C compiler")
    assert COMPILED, "the build fell back to plain Python: pip install -v says why"


@pytest.mark.skipif(not COMPILED, reason="no compiled engine is installed here: an editable install, or no C compiler")
@pytest.mark.parametrize("log", [busy_log(2_000), benchmark_log()], ids=["busy", "benchmark"])
def test_the_compiled_engine_does_exactly_what_the_source_does(log: list[tuple[int, Command]], tmp_path: Path) -> None:
    exchange, digest = Exchange(), hashlib.sha256()
    for time_ns, command in log:
        digest.update(msgspec.msgpack.encode(exchange.apply(time_ns, command)))
    batch = encode_batch([Stamped(time_ns, command) for time_ns, command in log])
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM], input=batch, capture_output=True, check=True, cwd=tmp_path
    )
    compiled, digest_text, hash_text = ran.stdout.decode().split()
    assert compiled == "True"
    assert digest_text == digest.hexdigest()
    assert hash_text == state_hash(load(dump(exchange)))
