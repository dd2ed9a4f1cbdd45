"""The terminal in a browser, from the command line."""

import os
import sys
from contextlib import redirect_stdout, suppress
from importlib.util import find_spec
from typing import Final

from cryptex.cli.common import Run
from cryptex.cli.faults import SYSTEM_CODE, Fault
from cryptex.client.errors import NodeUnreachableError
from cryptex.protocol.problems import ExitCode

HOST_DEFAULT: Final = "127.0.0.1"
PORT_DEFAULT: Final = 7080
_HOSTS: Final = {"localhost": HOST_DEFAULT, HOST_DEFAULT: HOST_DEFAULT, "::1": "::1"}
_LIBRARY: Final = "textual_serve"


def serve_terminal(run: Run, host: str | None, port: int | None) -> None:
    """Serve the terminal till Ctrl-C. Raises Fault."""
    listen = _HOSTS.get(host or HOST_DEFAULT)
    if listen is None:
        raise Fault(
            f"the terminal is served on this machine alone, not on {host}",
            suggestion=f"Give --host one of {', '.join(_HOSTS)}; from afar use `ssh -L`.",
        )
    if find_spec(_LIBRARY) is None:
        raise Fault(
            "a browser needs the extra `browser`, which is not installed",
            suggestion="Install it: pip install 'cryptex[browser]'.",
        )
    from cryptex.tui.browser.server import serve

    stdout = sys.stdout

    def tell(address: str) -> None:
        with redirect_stdout(stdout):
            run.out.fields([("url", address)])
        run.out.note("Open it in a browser on this machine: it works once. Ctrl-C ends all terminals there.")

    with suppress(NodeUnreachableError):  # it may come up later
        run.check_trust()  # a visitor is not asked: who serves the terminal answers for its node
    command = [sys.executable, "-m", "cryptex", "tui", "--served", "--node", run.url]
    if run.given.trust:
        command += ["--trust", run.given.trust]
    try:
        with redirect_stdout(sys.stderr):  # textual-serve prints there what a terminal complained of
            serve(command, listen, PORT_DEFAULT if port is None else port, tell)
    except OSError as error:
        raise Fault(
            f"can not listen on {listen}, port {port or PORT_DEFAULT}: {os.strerror(error.errno or 0)}",
            code=SYSTEM_CODE,
            suggestion="Give another --port; 0 takes a free one.",
            exit_code=ExitCode.REFUSED,
        ) from None
    run.out.note("The terminals have ended. Open orders stay open, unless a switch cancels them.")
