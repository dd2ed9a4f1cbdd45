"""API keys, for programs, which may do less than their user."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.door import Answer
from cryptex.cli.faults import Fault
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.profiles import profile_names
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column, Row, Value, number
from cryptex.cli.users import where_kept
from cryptex.client.forms import api_key_fields
from cryptex.client.signing import ed25519_token, new_ed25519
from cryptex.protocol.api_keys import ApiKeyList, ApiKeyView, KeyKind, NewApiKeyView
from cryptex.protocol.terms import Scope

_COLUMNS: Final = (
    number("ID"),
    Column("LABEL"),
    Column("SCOPES"),
    Column("CREATED", spare=2),
    Column("EXPIRES"),
    Column("LAST USED", spare=1),
    Column("KIND", spare=4),
    Column("FROM", spare=3),
)
_SIGN_YOURSELF: Final = "Sign with your own half of the pair: docs/protocol.md says how."
_MAKE_PEM: Final = "`openssl pkey -in key.pem -pubout -out key.pub.pem` writes one from a private key."


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
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow", metavar="ADDRESS", help="From where: an address or a network; may be given again [all]."
        ),
    ] = None,
    signs_hmac: Annotated[bool, typer.Option("--hmac", help="It signs requests, and is never sent.")] = False,
    signs_ed25519: Annotated[
        bool, typer.Option("--ed25519", help="The same; its pair is made and kept here, as a profile named LABEL.")
    ] = False,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help="The same, with the pair of this PEM file.")
    ] = None,
) -> None:
    """Make an API key.

    Its secret is a token that is shown this once: a program gives it as CRYPTEX_TOKEN.
    """
    kind, pair = _kind(signs_hmac, signs_ed25519, public_key), None
    if signs_ed25519:
        _check_new_profile(label)
        pair = new_ed25519()
    public = pair[1] if pair else (None if public_key is None else _read_public_key(public_key))
    fields = api_key_fields(
        label, scope or [Scope.READ], expires, kind=kind, public_key=public, allowed_addresses=allow or []
    )
    door = run.own_door()

    def make() -> Answer[NewApiKeyView]:
        with in_flight("the key was made", "`cryptex keys list` shows it; revoke it: its secret is lost."):
            return door.send("POST", "/api_keys", NewApiKeyView, fields)

    answer = with_fresh_login(run, door, make)
    key = answer.view
    run.out.done = f"API key {key.id} was made, but its secret is lost: `cryptex keys revoke {key.id}`."
    where = _keep(run, label, ed25519_token(key.id, pair[0])) if pair else ""
    run.out.answer(answer.data, sheet_of(NewApiKeyView), lambda: run.out.card(_shown(key)))
    run.out.note(where or "Keep the secret now: it is not shown again." if key.secret or where else _SIGN_YOURSELF)


def _kind(signs_hmac: bool, signs_ed25519: bool, public_key: Path | None) -> KeyKind:
    if signs_hmac + signs_ed25519 + (public_key is not None) > 1:
        raise Fault("--hmac, --ed25519 and --public-key exclude one another", suggestion="Give one of them, or none.")
    if signs_hmac:
        return KeyKind.HMAC
    return KeyKind.ED25519 if signs_ed25519 or public_key is not None else KeyKind.BEARER


def _check_new_profile(name: str) -> None:
    if name in profile_names():
        raise Fault(f"there is a profile {name!r} already", suggestion="Give another LABEL: the key is kept under it.")


def _keep(run: Run, profile: str, token: str) -> str:
    """Keep a key as a login of its own; return what its owner should know of that."""
    from cryptex.client.session import TokenStore

    said = where_kept(TokenStore().save(run.url, profile, token))
    use = f"The key is kept as profile {profile}: `cryptex --profile {shlex.quote(profile)} whoami` signs with it."
    return f"{use} {said}".strip()


def _read_public_key(path: Path) -> str:
    """Return what stands between the head and the foot of a PEM file."""
    try:
        lines = path.read_text("ascii").split("\n")
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read: {error}", suggestion=_MAKE_PEM) from None
    if not any("BEGIN PUBLIC KEY" in line for line in lines):
        raise Fault(f"{path} is not the PEM file of a public key", suggestion=_MAKE_PEM)
    return "".join(line.strip() for line in lines if "-----" not in line)


def _shown(key: NewApiKeyView) -> list[tuple[str, Value]]:
    return [
        ("id", key.id),
        ("label", key.label),
        ("scopes", " ".join(key.scopes)),
        ("expires", key.expires_at),
        ("kind", key.kind),
        ("from", " ".join(key.allowed_addresses) or None),
        ("secret", key.secret),
    ]


def list_keys(run: Run) -> None:
    """List your API keys, newest first, without their secrets."""
    answer = run.own_door().read("/api_keys", ApiKeyList)

    def draw(listed: Sequence[ApiKeyView]) -> str:
        rows: list[Row] = [
            (
                key.id,
                key.label,
                " ".join(key.scopes),
                key.created_at,
                key.expires_at,
                key.last_used_at,
                key.kind,
                " ".join(key.allowed_addresses),
            )
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
