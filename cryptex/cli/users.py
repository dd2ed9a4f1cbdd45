"""Who one is: registering, logging in and out."""

import os
import shlex
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.environment import TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.fresh import with_code
from cryptex.cli.in_flight import in_flight
from cryptex.cli.logout import logout
from cryptex.cli.passwords import StdinOption, ask_password
from cryptex.cli.sheets import sheet_of
from cryptex.client.forms import Fields
from cryptex.client.signing import signing_key_id
from cryptex.client.transport import is_readable_on_the_way
from cryptex.protocol.views import MeView, SessionView, UserView

_KEYRING: Final = "keyring"

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The username.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "register", example="cryptex register alice")(register)
    command(app, "login", example="cryptex login alice")(login)
    command(app, "logout", example="cryptex logout")(logout)
    command(app, "whoami", example="cryptex whoami")(whoami)


def register(
    run: Run,
    name: NameArgument,
    email: Annotated[str | None, typer.Option("--email", metavar="E", help="Optional.")] = None,
    password_stdin: StdinOption = False,
) -> None:
    """Register a user.

    The password is asked for twice, or read from stdin.
    """
    run.welcome_profile()
    door = run.door()
    _warn_of_plain_text(run)
    fields: Fields = {"username": name, "password": ask_password(password_stdin, twice=True)}
    if email is not None:
        fields["email"] = email
    with in_flight(f"{name} was registered", f"`cryptex login {shlex.quote(name)}` tells."):
        answer = door.send("POST", "/users", UserView, fields)
    run.out.done = f"{name} was registered."
    run.out.answer(answer.data, sheet_of(UserView), lambda: run.out.card(_user_fields(answer.view)))
    run.out.note(f"Next: cryptex login {name}")


def login(run: Run, name: NameArgument, password_stdin: StdinOption = False) -> None:
    """Log in.

    The token is kept in the keyring, or where there is none in a file that only you can read. Where your second factor
    is on, its code is asked for as well; with --password-stdin it is the second line.
    """
    from cryptex.client.session import TokenStore

    is_new = run.welcome_profile()
    _check_no_key(run)
    door = run.door()
    _warn_of_plain_text(run)
    if is_new:
        run.out.note(f"There is no profile {run.profile} yet: a login at {run.url} would make it.")
    fields: Fields = {"username": name, "password": ask_password(password_stdin, twice=False)}
    answer = with_code(
        lambda code: door.send("POST", "/sessions", SessionView, {**fields, **code}, changes=False), password_stdin
    )
    session = answer.view
    where = TokenStore().save(run.url, run.profile, session.token)
    run.out.done = f"Logged in as {name}."
    if is_new:
        run.out.note(f"Profile {run.profile} was made.")
    shown: list[tuple[str, str | int | None]] = [
        ("username", session.username),
        ("user id", session.user_id),
        ("expires", session.expires_at),
    ]
    run.out.answer(answer.data, sheet_of(SessionView), lambda: run.out.card(shown))
    if os.environ.get(TOKEN_VARIABLE):
        run.out.note(f"{TOKEN_VARIABLE} is set and wins over this login: unset it to use this one.")
    if said := where_kept(where):
        run.out.note(said)


def _check_no_key(run: Run) -> None:
    """Raise Fault where the profile keeps a private key, perhaps the only copy, whose place a login would take."""
    from cryptex.client.session import TokenStore

    key_id = signing_key_id(TokenStore().load(run.url, run.profile) or "")
    if key_id is not None:
        raise Fault(
            f"profile {run.profile} keeps API key {key_id}, and a login would take its place",
            suggestion="Log in with another --profile, or delete the key from here first: "
            f"`cryptex --profile {shlex.quote(run.profile)} logout`.",
        )


def where_kept(where: str) -> str:
    """Return what the owner of a token should know of where it is kept; nothing where a keyring has it."""
    return (
        "" if where == _KEYRING else f"There is no keyring here: the token is kept in {where} (readable by you alone)."
    )


def whoami(run: Run) -> None:
    """Show whose token is in use, and what it may do."""
    answer = run.own_door().read("/users/me", MeView)

    def draw() -> str:
        me = answer.view
        user = UserView(me.id, me.username, me.email, me.created_at)
        return run.out.card(
            [*_user_fields(user), ("scopes", ", ".join(me.scopes)), ("role", me.role), ("node", run.url)]
        )

    run.out.answer(answer.data, sheet_of(MeView), draw)


def _user_fields(user: UserView) -> list[tuple[str, str | int | None]]:
    return [("id", user.id), ("username", user.username), ("email", user.email), ("created", user.created_at)]


def _warn_of_plain_text(run: Run) -> None:
    if is_readable_on_the_way(run.url):
        run.out.note(f"Warning: {run.url} is not encrypted; others on the way can read the password.")
