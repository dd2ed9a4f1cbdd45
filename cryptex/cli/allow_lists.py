"""The allow-list of withdrawals: to which addresses one's funds may go."""

from typing import Annotated, Final, Literal

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.sheets import Sheet, sheet_of
from cryptex.cli.table import Column, number
from cryptex.cli.transfers import AddressArgument, AssetArgument
from cryptex.client.forms import Fields
from cryptex.protocol.wallet import AllowedAddressView, AllowListView

_COLUMNS: Final = (
    number("ID"),
    Column("ASSET"),
    Column("ADDRESS"),
    Column("LABEL", spare=1),
    Column("USABLE FROM"),
)
_SHEET: Final = Sheet(AllowedAddressView.__struct_fields__, "addresses")


def add_to(wallet_app: typer.Typer) -> None:
    """Add these commands to those of the wallet."""
    command(wallet_app, "allow-list", example="cryptex wallet allow-list on")(allow_list)
    command(wallet_app, "allow", example="cryptex wallet allow USDT my-other-wallet --label savings")(allow)
    command(wallet_app, "disallow", example="cryptex wallet disallow 1")(disallow)


def allow_list(
    run: Run,
    switch: Annotated[
        Literal["on", "off"] | None,
        typer.Argument(metavar="[on|off]", help="Turn it on at once, or off after the delay.", show_default=False),
    ] = None,
) -> None:
    """Show where your withdrawals may go, or change that.

    While it is on, they go to its addresses alone. Changes need a fresh login.
    """
    door = run.own_door()
    if switch is None:
        answer = door.read("/wallet/allow_list", AllowListView)
    else:
        fields: Fields = {"enabled": switch == "on"}
        with in_flight(f"the allow-list was turned {switch}", "`cryptex wallet allow-list` shows it."):
            answer = with_fresh_login(
                run, door, lambda: door.send("PATCH", "/wallet/allow_list", AllowListView, fields)
            )
        run.out.done = f"The allow-list was turned {switch}."
    run.out.note(state_of(answer.view))
    run.out.listing(
        answer.data,
        _SHEET,
        lambda: answer.view.addresses,
        lambda rows: run.out.table(
            _COLUMNS, [(each.id, each.asset, each.address, each.label, each.usable_at) for each in rows]
        ),
        "No addresses.",
    )


def allow(
    run: Run,
    asset: AssetArgument,
    address: AddressArgument,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What it is.")] = "",
) -> None:
    """Add an address to your allow-list.

    It counts after a delay. Needs a fresh login.
    """
    door = run.own_door()
    fields: Fields = {"asset": asset.upper(), "address": address, "label": label}
    with in_flight("the address was added", "`cryptex wallet allow-list` shows it."):
        answer = with_fresh_login(
            run, door, lambda: door.send("POST", "/wallet/allow_list", AllowedAddressView, fields)
        )
    added = answer.view
    run.out.done = f"The address was added; it counts from {added.usable_at} on."
    run.out.answer(
        answer.data,
        sheet_of(AllowedAddressView),
        lambda: run.out.card(
            [
                ("id", added.id),
                ("asset", added.asset),
                ("address", added.address),
                ("label", added.label),
                ("usable from", added.usable_at),
            ]
        ),
    )


def disallow(
    run: Run,
    address_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The address's id.", show_default=False)],
) -> None:
    """Take an address off your allow-list, at once."""
    door = run.own_door()
    path = f"/wallet/allow_list/{address_id}"
    with in_flight("the address was taken off", "`cryptex wallet allow-list` shows those that are left."):
        with_fresh_login(run, door, lambda: door.send("DELETE", path, type(None)))
    run.out.done = f"Address {address_id} was taken off."
    run.out.fields([("removed", address_id)])


def state_of(view: AllowListView) -> str:
    """Return in words what a list means for withdrawals."""
    if not view.enabled:
        return "The allow-list is off: withdrawals may go anywhere."
    until = "" if view.ends_at is None else f" until {view.ends_at}"
    empty = "" if view.addresses else " It has none, so nothing can be withdrawn: `cryptex wallet allow` adds one."
    return f"The allow-list is on{until}: withdrawals go to its addresses alone.{empty}"
