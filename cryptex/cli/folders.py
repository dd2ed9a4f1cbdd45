"""Nodes on this machine: their data folders, and what a running node leaves there."""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run
from cryptex.cli.environment import DATA_DIR_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.profiles import named_data_dir
from cryptex.protocol.problems import Code, ExitCode

NODE_FILE: Final = "node.json"
"""Where a running node leaves its pid and address, in its data folder."""

NODE_FILE_BYTES_MAX: Final = 64 * 1024
_LOOK_EVERY_SECONDS: Final = 0.05

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", metavar="DIR", help=f"The node's folder [{DATA_DIR_VARIABLE}; the platform's user data folder]."
    ),
]


class NodeFile(msgspec.Struct, frozen=True):
    """What node.json says. The fingerprint is that of a node that speaks TLS."""

    pid: int
    url: str
    fingerprint: str = ""


def data_folder(run: Run, flag: Path | None) -> Path:
    """Return the data folder that is meant: flag, environment, profile file, the platform's; the first that says so."""
    profile = run.profile  # a misspelled one is refused, flag or not
    named = flag or named_data_dir(profile)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("cryptex", appauthor=False)


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
