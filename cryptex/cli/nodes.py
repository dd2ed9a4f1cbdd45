"""Nodes: started here, asked how they are, and stopped."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.faults import Fault
from cryptex.client.errors import CryptexError, NodeUnreachableError
from cryptex.protocol.problems import Code, ExitCode
from cryptex.protocol.views import HealthView

NODE_FILE: Final = "node.json"
"""Where a running node leaves its pid and address, in its data folder."""

NODE_FILE_BYTES_MAX: Final = 64 * 1024
STOP_SECONDS_MAX: Final = 10.0
_LOOK_EVERY_SECONDS: Final = 0.05
_DATA_DIR_VARIABLE: Final = "CRYPTEX_DATA_DIR"

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", metavar="DIR", help=f"The node's folder [{_DATA_DIR_VARIABLE}; the platform's user data folder]."
    ),
]


class NodeFile(msgspec.Struct, frozen=True):
    """What node.json says."""

    pid: int
    url: str


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    node_app = typer.Typer(help="Start an exchange node here, ask how it is, stop it.")
    group(node_app)(node)
    command(node_app, "start", example="cryptex node start --data-dir ~/cryptex-data --port 7070")(start)
    command(node_app, "status", example="cryptex node status -o json")(status)
    command(node_app, "stop", example="cryptex node stop --data-dir ~/cryptex-data")(stop)
    app.add_typer(node_app, name="node", epilog="Example: cryptex node start")


def node(run: Run) -> None:
    """Start an exchange node here, ask how it is, stop it."""
    run.help()


def start(
    run: Run,
    data_dir: DataDirOption = None,
    host: Annotated[str | None, typer.Option("--host", metavar="H", help="Listen here [127.0.0.1].")] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="P", min=0, max=65_535, help="Listen here; 0 takes a free one [7070]."),
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML.")] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Listen beyond loopback without encryption.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Reserve user ids that the users file has lost.")] = False,
    accept_journal: Annotated[
        bool, typer.Option("--accept-journal", help="Start from a journal whose witness file is missing.")
    ] = False,
) -> None:
    """Run a node in the foreground.

    It prints one ready line when it accepts connections; Ctrl-C or SIGTERM ends it.
    """
    from cryptex.node.serve import run as run_node
    from cryptex.node.settings import SettingsError, load_settings

    try:
        settings = load_settings(config, os.environ, data_dir=data_dir, host=host, port=port)
    except SettingsError as error:
        raise Fault(str(error), suggestion="Correct the settings or the flag.") from None

    def tell(message: str) -> None:
        run.out.report(Fault(message, code=Code.UNAVAILABLE.value))

    code = run_node(
        settings,
        as_json=run.out.is_json,
        insecure=insecure,
        repair=repair,
        accept_journal=accept_journal,
        tell=tell,
    )
    if code:
        run.out.leave(code)


def status(run: Run, data_dir: DataDirOption = None) -> None:
    """Show whether a node is ready and where it stands.

    The node of --node, else that of the data folder.
    """
    found = None if run.given.node else read_node_file(_folder(data_dir))
    if found is None and data_dir is not None:
        raise not_running(_folder(data_dir))
    url = run.url if found is None else found.url
    run.given = run.given._replace(node=url)
    try:
        health = run.door().read("/health/ready", HealthView).view
    except NodeUnreachableError:
        if found is not None and not is_alive(found.pid):  # it was killed, and left its file
            raise not_running(_folder(data_dir)) from None
        raise
    facts: list[tuple[str, str | int | None]] = [
        ("url", url),
        ("status", health.status),
        ("epoch", health.epoch),
        ("sequence", health.sequence),
        ("version", health.version),
        ("data dir", None if found is None else str(_folder(data_dir))),
        ("pid", None if found is None else found.pid),
    ]
    run.out.fields(facts)


def stop(run: Run, data_dir: DataDirOption = None) -> None:
    """Stop the node of the data folder, and wait until it has ended."""
    folder = _folder(data_dir)
    found = read_node_file(folder)
    if found is None:
        raise not_running(folder)
    if run.given.node and run.given.node.rstrip("/") != found.url:
        raise Fault(
            f"the node of {folder} is {found.url}, not {run.given.node}",
            suggestion="A node is stopped on its own machine: name its folder with --data-dir.",
        )
    run.given = run.given._replace(node=found.url)
    try:  # a pid alone may belong to somebody else by now
        run.door().read("/health/live", HealthView)
    except CryptexError:
        if not is_alive(found.pid):
            raise not_running(folder) from None
        raise Fault(
            f"process {found.pid} is there but {found.url} does not answer",
            code=Code.UNAVAILABLE.value,
            suggestion="If it is the node, end it by hand: no acknowledged order is lost.",
            exit_code=ExitCode.UNREACHABLE,
        ) from None
    os.kill(found.pid, signal.SIGTERM)
    if not wait_until(lambda: not is_alive(found.pid) or read_node_file(folder) != found, STOP_SECONDS_MAX):
        raise Fault(
            f"the node has not ended within {STOP_SECONDS_MAX:.0f} s",
            code=Code.UNAVAILABLE.value,
            suggestion=f"It may still be stopping: process {found.pid}.",
            exit_code=ExitCode.UNREACHABLE,
        )
    run.out.fields([("stopped", found.url), ("pid", found.pid), ("data dir", str(folder))])


def read_node_file(folder: Path) -> NodeFile | None:
    """Return what a node left in its folder, or None."""
    try:
        with (folder / NODE_FILE).open("rb") as file:
            return msgspec.json.decode(file.read(NODE_FILE_BYTES_MAX), type=NodeFile)
    except (OSError, msgspec.DecodeError):
        return None


def is_alive(pid: int) -> bool:
    """Return whether a process with this id runs; one that has ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):  # no such file outside Linux
        return True
    return state != "Z"


def wait_until(done: Callable[[], bool], seconds_max: float) -> bool:
    """Look again and again until it is done; return whether it was, in time."""
    deadline = monotonic() + seconds_max
    while not done():
        if monotonic() > deadline:
            return False
        sleep(_LOOK_EVERY_SECONDS)
    return True


def not_running(folder: Path) -> Fault:
    """Return the fault for a folder without a running node."""
    return Fault(
        f"no node is running in {folder}",
        code=Code.UNAVAILABLE.value,
        suggestion=f"Start one with `cryptex node start --data-dir {folder}`.",
        exit_code=ExitCode.UNREACHABLE,
    )


def _folder(flag: Path | None) -> Path:
    named = flag or os.environ.get(_DATA_DIR_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("cryptex", appauthor=False)
