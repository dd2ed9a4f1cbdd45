"""A whole exchange for one command: a private node, simulated traders, a funded account, and the terminal on it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.demo_account import (
    DEMO_MARKET,
    DEMO_USER,
    PASSWORD_NAME,
    TOKEN_NAME,
    Before,
    look,
    open_account,
    what_was_there,
)
from cryptex.cli.door import Door
from cryptex.cli.environment import NODE_VARIABLE, TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.output import Format
from cryptex.cli.private_node import PLAIN, PrivateNode
from cryptex.cli.profiles import config_folder
from cryptex.cli.signals import ended_by_signals
from cryptex.cli.simulated import SeedOption, live_scenario
from cryptex.client.errors import CryptexError
from cryptex.protocol.problems import Code

DEMO_SCENARIO: Final = "calm"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "demo", example="cryptex demo --scenario volatile --seed 7")(demo)


def demo(
    run: Run,
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="NAME", help="What the market is like: see `cryptex sim list`.")
    ] = DEMO_SCENARIO,
    seed: SeedOption = None,
    no_tui: Annotated[
        bool, typer.Option("--no-tui", help="No terminal: say how to connect, and run till Ctrl-C.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", metavar="DIR", help="Keep the node's data here; else it is thrown away."),
    ] = None,
) -> None:
    """Try it: a private exchange whose markets live.

    A node of its own, a hundred simulated traders in each market, an account `demo` with 100,000 USDT and 1 BTC, and
    the terminal on it.
    """
    if not no_tui:
        run.out.require_terminal("Elsewhere give --no-tui.")
    found = live_scenario(scenario, "--scenario")
    about = f"{found.name}, seed {found.seed if seed is None else seed}"
    flags = ["--scenario", scenario, *([] if seed is None else ["--seed", str(seed)])]
    if data_dir is None:
        flags += PLAIN
    with _folder(data_dir) as folder, PrivateNode(folder, flags=flags) as node, ended_by_signals():
        run.out.note(f"Starting a private exchange with simulated traders ({about}) ...")
        node.launch()
        if not no_tui:
            import cryptex.tui.app  # noqa: F401 (it takes as long as the node does)
        door = Door(node.ready().url)
        door.token = open_account(door, folder)
        before = look(door)
        _use(run, door, node, folder, no_tui=no_tui)
        said = _told(door, before)
        node.stop()
        kept = (
            f"It is kept in {folder}." if data_dir else "Its folder was temporary and is gone (--data-dir keeps one)."
        )
        run.out.note(f"{said}The demo's node has stopped. {kept}")


def _use(run: Run, door: Door, node: PrivateNode, folder: Path, *, no_tui: bool) -> None:
    """Show the terminal, or say how to connect, until the person leaves."""
    token, password = folder / TOKEN_NAME, folder / PASSWORD_NAME
    if not no_tui:
        from cryptex.tui.app import run as run_terminal
        from cryptex.tui.entry.entrance import Entrance

        entrance = Entrance(hint=f"The password of {DEMO_USER} is in {password}.")
        run_terminal(door.url, token=door.token, username=DEMO_USER, entrance=entrance, settings_folder=config_folder())
        return
    if run.out.form is not Format.TABLE:
        files = [("token file", str(token)), ("password file", str(password))]
        run.out.fields([("url", door.url), ("username", DEMO_USER), *files])
    else:
        run.out.text(_how_to_connect(door.url, token, password))
    with suppress(KeyboardInterrupt):  # the way to leave
        node.wait()
        raise Fault("the demo's node has ended by itself", code=Code.UNAVAILABLE.value)


def _how_to_connect(url: str, token: Path, password: Path) -> str:
    return (
        f"A node with simulated traders runs at {url}; you are {DEMO_USER}, with 100,000 USDT and 1 BTC.\n"
        "In another terminal:\n\n"
        f"  export {NODE_VARIABLE}={url}\n"
        f'  export {TOKEN_VARIABLE}="$(cat {token})"\n'
        f"  cryptex book {DEMO_MARKET}\n"
        f"  cryptex buy {DEMO_MARKET} 0.01\n"
        "  cryptex tui\n\n"
        f"The password, where a login is asked for, is in {password}.\n"
        "Ctrl-C ends it."
    )


def _told(door: Door, before: Before) -> str:
    """Return what became of the demo; nothing where the node does not answer any more."""
    try:
        return what_was_there(door, before) + " "
    except CryptexError:
        return ""


@contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    """Give the named folder, or a temporary one that is removed afterwards."""
    if named is not None:
        yield named.expanduser().absolute()
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="cryptex-demo-") as folder:
        yield Path(folder)
