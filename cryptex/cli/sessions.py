"""Logins and the password: where one is logged in, and how that ends."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.fresh import with_password
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.passwords import StdinOption, new_passwords
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column, Row
from cryptex.client.caller import segment
from cryptex.protocol.views import EndedSessions, OpenSessionView, SessionList

_COLUMNS: Final = (
    Column("ID"),
    Column("LOGGED IN"),
    Column("LAST USED"),
    Column("ENDS", spare=1),
    Column("THIS ONE"),
)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "password", example="cryptex password")(password)
    sessions_app = typer.Typer(help="List your logins, and end them.")
    group(sessions_app)(sessions)
    command(sessions_app, "list", example="cryptex sessions list")(list_sessions)
    command(sessions_app, "revoke", example="cryptex sessions revoke 3f2a9c0d1b4e5f60")(revoke)
    command(sessions_app, "revoke-others", example="cryptex sessions revoke-others --yes")(revoke_others)
    app.add_typer(sessions_app, name="sessions", epilog="Example: cryptex sessions list")


def password(run: Run, password_stdin: StdinOption = False) -> None:
    """Change your password.

    Asks for the present one, then twice for the new one, and for a code where you have a second factor; or reads them
    from the first lines of stdin. All your other logins end; API keys stay.
    """
    door = run.own_door()
    present, new = new_passwords(password_stdin)
    with in_flight("the password was changed", "`cryptex login` with the new one tells."):
        with_password(
            door,
            present,
            password_stdin,
            lambda: door.send("POST", "/users/me/password", type(None), {"password": present, "new_password": new}),
        )
    run.out.done = "The password was changed."
    run.out.note("The password was changed, and your other logins have ended. API keys stay: `cryptex keys list`.")


def sessions(run: Run) -> None:
    """List your logins, and end them."""
    run.help()


def list_sessions(run: Run) -> None:
    """List your logins, the one used last first."""
    answer = run.own_door().read("/sessions", SessionList)

    def draw(listed: Sequence[OpenSessionView]) -> str:
        rows: list[Row] = [
            (each.id, each.created_at, each.last_used_at, each.expires_at, "yes" if each.current else "")
            for each in listed
        ]
        return run.out.table(_COLUMNS, rows)

    sheet = sheet_of(OpenSessionView, "sessions")
    run.out.listing(answer.data, sheet, lambda: answer.view.sessions, draw, "No logins.")


def revoke(
    run: Run, session_id: Annotated[str, typer.Argument(metavar="ID", help="The login's id.", show_default=False)]
) -> None:
    """End one of your logins, and the connections that speak for it."""
    door = run.own_door()
    with in_flight(f"login {session_id} was ended", "`cryptex sessions list` shows those that are left."):
        door.send("DELETE", f"/sessions/{segment(session_id)}", type(None))
    run.out.done = f"Login {session_id} was ended."
    run.out.fields([("revoked", session_id)])


def revoke_others(run: Run, yes: YesOption = False) -> None:
    """End all your logins but this one.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm("End all your other logins?", yes=yes)
    with in_flight("your other logins were ended", "`cryptex sessions list` shows those that are left."):
        answer = door.send("DELETE", "/sessions", EndedSessions)
    run.out.done = "Your other logins were ended."
    run.out.fields([("ended", answer.view.ended)])
