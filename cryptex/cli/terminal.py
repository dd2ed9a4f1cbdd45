"""The terminal, from the command line."""

import os
from typing import Annotated

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.environment import TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.profiles import config_folder


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "tui", example="cryptex tui --node http://127.0.0.1:7070")(tui)


def tui(
    run: Run,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show it in a browser on this machine: prints the address to open, once.")
    ] = False,
    host: Annotated[
        str | None, typer.Option("--host", metavar="H", help="With --serve: the loopback address [127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="P", min=0, max=65_535, help="With --serve: 0 takes a free one [7080]."),
    ] = None,
    served: Annotated[bool, typer.Option("--served", hidden=True)] = False,
) -> None:
    """Open the trading terminal.

    It asks who you are unless you are logged in, and offers to start a node here where none answers.
    """
    run.check_address()  # an address that cannot be one is refused before the screen is taken
    if serve:
        from cryptex.cli.browser import serve_terminal

        serve_terminal(run, host, port)
    elif host is not None or port is not None:
        raise Fault("--host and --port belong to --serve", suggestion="The node's address is --node.")
    elif served:
        _show_served(run)
    else:
        run.out.require_terminal("Elsewhere use the other commands, with -o json; a browser shows it with --serve.")
        _show(run)


def _show(run: Run) -> None:
    from cryptex.cli.entrance import dial_of, entrance_of, own_node
    from cryptex.tui.app import run as run_terminal

    here = own_node(run)
    entrance = entrance_of(run, here)
    dial = dial_of(run)
    try:
        run_terminal(
            run.url,
            dial=dial,
            token=os.environ.get(TOKEN_VARIABLE),
            profile=run.profile,
            entrance=entrance,
            settings_folder=config_folder(),
        )
    finally:
        if here is not None:
            here.stop()  # unless it was let go on
    if here is not None and here.goes_on:
        run.out.note(f"The node at {here.url} goes on: `cryptex node stop` ends it.")


def _show_served(run: Run) -> None:
    """Be what one visitor of a browser sees: without a kept login, without another node than this."""
    from cryptex.cli.entrance import dial_of
    from cryptex.tui.app import run as run_terminal
    from cryptex.tui.entry.entrance import Entrance

    run_terminal(run.url, dial=dial_of(run), entrance=Entrance(fixed=True), settings_folder=config_folder())
