"""API keys: tokens for programs, which may do less than their user."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.door import Answer
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column, Row, Value, number
from cryptex.client.forms import api_key_fields
from cryptex.protocol.api_keys import ApiKeyList, ApiKeyView, NewApiKeyView
from cryptex.protocol.terms import Scope

_COLUMNS: Final = (
    number("ID"),
    Column("LABEL"),
    Column("SCOPES"),
    Column("CREATED", spare=2),
    Column("EXPIRES"),
    Column("LAST USED", spare=1),
)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    keys_app = typer.Typer(help="Make, list and revoke API keys for programs.")
    group(keys_app)(keys)
    command(keys_app, "create", example="cryptex keys create my-bot --scope read --scope trade")(create)
    command(keys_app, "list", example="cryptex keys list")(list_keys)
    command(keys_app, "revoke", example="cryptex keys revoke 3 --yes")(revoke)
    app.add_typer(keys_app, name="keys", epilog="Example: cryptex keys list")


def keys(run: Run) -> None:
    """Make, list and revoke API keys for programs."""
    run.help()


def create(
    run: Run,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What it is for.", show_default=False)],
    scope: Annotated[
        list[Scope] | None, typer.Option("--scope", help="What it may do; may be given again [read].")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="Until when, such as 2027-01-01T00:00:00Z.")
    ] = None,
) -> None:
    """Make an API key.

    Its secret is a token that is shown this once: a program gives it as CRYPTEX_TOKEN.
    """
    fields = api_key_fields(label, scope or [Scope.READ], expires)
    door = run.own_door()

    def make() -> Answer[NewApiKeyView]:
        with in_flight("the key was made", "`cryptex keys list` shows it; revoke it: its secret is lost."):
            return door.send("POST", "/api_keys", NewApiKeyView, fields)

    answer = with_fresh_login(run, door, make)
    run.out.done = f"API key {answer.view.id} was made, but its secret is lost: `cryptex keys revoke {answer.view.id}`."

    def draw() -> str:
        key = answer.view
        shown: list[tuple[str, Value]] = [
            ("id", key.id),
            ("label", key.label),
            ("scopes", " ".join(key.scopes)),
            ("expires", key.expires_at),
            ("secret", key.secret),
        ]
        return run.out.card(shown)

    run.out.answer(answer.data, sheet_of(NewApiKeyView), draw)
    run.out.note("Keep the secret now: it is not shown again.")


def list_keys(run: Run) -> None:
    """List your API keys, newest first, without their secrets."""
    answer = run.own_door().read("/api_keys", ApiKeyList)

    def draw(listed: Sequence[ApiKeyView]) -> str:
        rows: list[Row] = [
            (key.id, key.label, " ".join(key.scopes), key.created_at, key.expires_at, key.last_used_at)
            for key in listed
        ]
        return run.out.table(_COLUMNS, rows)

    sheet = sheet_of(ApiKeyView, "api_keys")
    run.out.listing(answer.data, sheet, lambda: answer.view.api_keys, draw, "No API keys.")


def revoke(
    run: Run,
    key_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The key's id.", show_default=False)],
    yes: YesOption = False,
) -> None:
    """Revoke an API key, and end the connections that speak for it.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm(f"Revoke API key {key_id}?", yes=yes)
    with in_flight(f"API key {key_id} was revoked", "`cryptex keys list` shows those that are left."):
        door.send("DELETE", f"/api_keys/{key_id}", type(None))
    run.out.done = f"API key {key_id} was revoked."
    run.out.fields([("revoked", key_id)])
