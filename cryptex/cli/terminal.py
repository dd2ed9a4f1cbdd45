"""The terminal, from the command line."""

import os

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.environment import TOKEN_VARIABLE
from cryptex.cli.profiles import config_folder


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "tui", example="cryptex tui --node http://127.0.0.1:7070")(tui)


def tui(run: Run) -> None:
    """Open the trading terminal.

    It asks who you are unless you are logged in, and offers to start a node here where none answers.
    """
    run.out.require_terminal("Elsewhere use the other commands, with -o json.")
    run.door()  # an address that cannot be one is refused before the screen is taken
    from cryptex.cli.entrance import entrance_of, own_node
    from cryptex.tui.app import run as run_terminal

    here = own_node(run)
    entrance = entrance_of(run, here)
    try:
        run_terminal(
            run.url,
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
