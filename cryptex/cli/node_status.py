"""`cryptex node status`: how a node is, at once or as soon as it is ready."""

import os
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.door import Door
from cryptex.cli.environment import NODE_VARIABLE
from cryptex.cli.faults import Fault, fault_of
from cryptex.cli.folders import DataDirOption, NodeFile, data_folder, is_alive, not_running, read_node_file, wait_until
from cryptex.client.caller import REQUEST_TIMEOUT_S
from cryptex.client.errors import CryptexError, NodeUnreachableError
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.views import HealthView

WAIT_SECONDS_DEFAULT: Final = 30.0
ANSWER_SECONDS_MIN: Final = 0.5
"""How long an answer is waited for at least, even where no time is left to wait for the node."""

Facts = list[tuple[str, str | int | None]]


def add_to(node_app: typer.Typer) -> None:
    """Add this command to the group `node`."""
    command(node_app, "status", example="cryptex node status --wait 10 -o json")(status)


def status(
    run: Run,
    seconds: Annotated[
        float | None,
        typer.Argument(
            metavar="SECONDS", min=0, help=f"How long --wait waits [{WAIT_SECONDS_DEFAULT:.0f}].", show_default=False
        ),
    ] = None,
    data_dir: DataDirOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is ready, for SECONDS at most.")] = False,
) -> None:
    """Show whether a node is ready and where it stands.

    The node of --node or CRYPTEX_NODE, else that of the data folder. Exit code 3 where it is not ready.
    """
    if wait:
        run.out.fields(_facts_in_time(run, data_dir, WAIT_SECONDS_DEFAULT if seconds is None else seconds))
    elif seconds is None:
        run.out.fields(_facts(run, data_dir))
    else:
        raise Fault("SECONDS says how long --wait waits", suggestion="Give --wait, or leave the number out.")


def _facts_in_time(run: Run, data_dir: Path | None, seconds_max: float) -> Facts:
    """Return the facts of the node as soon as it is ready. Raises Fault when it is not within `seconds_max`."""
    facts: Facts = []
    last: list[Fault] = []
    deadline = monotonic() + seconds_max

    def is_ready() -> bool:
        # A node that replays its journal takes connections already, and answers later.
        timeout_s = min(max(deadline - monotonic(), ANSWER_SECONDS_MIN), REQUEST_TIMEOUT_S)
        try:
            facts.extend(_facts(run, data_dir, timeout_s))
        except (CryptexError, Fault) as error:
            fault = fault_of(error) if isinstance(error, CryptexError) else error
            if fault.exit_code is not ExitCode.UNREACHABLE:
                raise
            last[:] = [fault]
        return bool(facts)

    if not wait_until(is_ready, seconds_max):
        (late,) = last
        late.message += f"; waited {seconds_max:g} s"
        raise late
    return facts


def _facts(run: Run, data_dir: Path | None, timeout_s: float = REQUEST_TIMEOUT_S) -> Facts:
    folder = data_folder(run, data_dir)
    found = _of_folder(run, folder, data_dir is not None)
    if found is None and data_dir is not None and not run.given.node:
        raise not_running(folder)
    door = run.door(timeout_s=timeout_s) if found is None else Door(found.url, None, timeout_s, trust=found.fingerprint)
    try:
        health = door.read("/health/ready", HealthView).view
    except NodeUnreachableError:
        if found is not None and not is_alive(found.pid):  # it was killed, and left its file
            raise not_running(folder) from None
        raise
    found = _that_answered(_of_folder(run, folder, data_dir is not None), door.url)
    return [
        ("url", door.url),
        ("status", health.status),
        ("epoch", health.epoch),
        ("sequence", health.sequence),
        ("version", health.version),
        *_simulation(health),
        ("data dir", None if found is None else str(folder)),
        ("pid", None if found is None else found.pid),
    ]


def _that_answered(left: NodeFile | None, url: str) -> NodeFile | None:
    """Return what is in the folder now, where the node that has just answered at `url` left it.

    A node that was killed leaves its file until the next one on that folder writes its own.
    """
    return left if left is not None and left.url == url and is_alive(left.pid) else None


def _simulation(health: HealthView) -> Facts:
    """Return what there is to say of simulated traders, where there are any."""
    about = health.simulation
    return [] if about is None else [("scenario", about.scenario), ("seed", about.seed)]


def _of_folder(run: Run, folder: Path, is_flag: bool) -> NodeFile | None:
    """Return what a node left in the folder, where that is the node that is meant."""
    found = read_node_file(folder)
    named = run.given.node or (not is_flag and os.environ.get(NODE_VARIABLE))
    return None if found is None or (named and found.url != run.url) else found
