"""The terminal, from the command line."""

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.faults import Fault
from cryptex.cli.profiles import config_folder
from cryptex.client.errors import AccessError
from cryptex.protocol.views import HealthView, MeView


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "tui", example="cryptex tui --node http://127.0.0.1:7070")(tui)


def tui(run: Run) -> None:
    """Open the trading terminal. It asks who you are unless you are logged in."""
    run.out.require_terminal("Elsewhere use the other commands, with -o json.")
    about = run.door().read("/health/live", HealthView).view.simulation
    token, username = _identity(run)
    from cryptex.tui.app import run as run_terminal

    simulated = "" if about is None else f"{about.scenario}, seed {about.seed}"
    run_terminal(run.url, token=token, username=username, simulated=simulated, settings_folder=config_folder())


def _identity(run: Run) -> tuple[str | None, str | None]:
    """Return token and username of the login that is kept, or nothing where there is none that holds."""
    try:
        token = run.token()
        return token, run.door(token).read("/users/me", MeView).view.username
    except (Fault, AccessError):
        return None, None
