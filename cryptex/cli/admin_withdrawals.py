"""The withdrawals that wait for an admin: listed, let go out, refused."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cryptex.cli.admin_lists import LIMIT_DEFAULT, BeforeOption, LimitOption, tell_next
from cryptex.cli.common import Run, command
from cryptex.cli.faults import advised
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column, number
from cryptex.client.caller import Query
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import WithdrawalStatus
from cryptex.protocol.wallet import AdminWithdrawalList, AdminWithdrawalView

_COLUMNS: Final = (
    number("ID"),
    Column("USER"),
    Column("ASSET"),
    number("AMOUNT"),
    Column("ADDRESS"),
    Column("STATUS"),
    Column("TIME", spare=1),
)
_ADVICE: Final = {
    Code.UNKNOWN_WITHDRAWAL: "`cryptex admin withdrawals` lists those that wait for a decision, "
    "`cryptex admin withdrawals --status rejected` (or confirmed, canceled, failed) those that have ended.",
    Code.WITHDRAWAL_DECIDED: "Nothing to do: `cryptex admin withdrawals` lists those that wait for a decision.",
}

WithdrawalArgument = Annotated[
    int, typer.Argument(metavar="ID", min=1, help="The withdrawal's id.", show_default=False)
]


def add_to(admin_app: typer.Typer) -> None:
    """Add these commands to those of admins."""
    command(admin_app, "withdrawals", example="cryptex admin withdrawals")(withdrawals)
    command(admin_app, "approve", example="cryptex admin approve 3 --yes")(approve)
    command(admin_app, "reject", example="cryptex admin reject 3 --yes")(reject)


def withdrawals(
    run: Run,
    status: Annotated[
        WithdrawalStatus | None,
        typer.Option("--status", help="Those with this [requested].", show_default=False),
    ] = None,
    limit: LimitOption = LIMIT_DEFAULT,
    before: BeforeOption = None,
) -> None:
    """List withdrawals that wait for an admin, newest first."""
    door = run.own_door()
    query: Query = {"status": status, "limit": limit, "before": before}
    path = "/admin/withdrawals"
    answer = with_fresh_login(run, door, lambda: door.read_list(path, AdminWithdrawalList, "withdrawals", query))

    def draw(listed: Sequence[AdminWithdrawalView]) -> str:
        rows = [
            (each.id, each.username, each.asset, each.amount, each.address, each.status, each.time) for each in listed
        ]
        return run.out.table(_COLUMNS, rows)

    sheet = sheet_of(AdminWithdrawalView, "withdrawals")
    run.out.listing(answer.data, sheet, lambda: answer.view.withdrawals, draw, "No withdrawals.")
    tell_next(run, answer.view.next)


def approve(run: Run, withdrawal_id: WithdrawalArgument, yes: YesOption = False) -> None:
    """Let a withdrawal go out.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    _decide(run, withdrawal_id, "approve", yes)


def reject(run: Run, withdrawal_id: WithdrawalArgument, yes: YesOption = False) -> None:
    """Refuse a withdrawal; its funds are available again.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    _decide(run, withdrawal_id, "reject", yes)


def _decide(run: Run, withdrawal_id: int, verb: str, yes: bool) -> None:
    door = run.own_door()
    run.out.confirm(f"{verb.capitalize()} withdrawal {withdrawal_id}?", yes=yes)
    path = f"/admin/withdrawals/{withdrawal_id}/{verb}"
    waiting = "`cryptex admin withdrawals` shows those that wait."
    with advised(_ADVICE), in_flight(f"withdrawal {withdrawal_id} was decided on", waiting):
        answer = with_fresh_login(run, door, lambda: door.send("POST", path, AdminWithdrawalView))
    view = answer.view
    run.out.done = f"Withdrawal {view.id} is {view.status.value} now."
    run.out.answer(
        answer.data,
        sheet_of(AdminWithdrawalView),
        lambda: run.out.card(
            [
                ("withdrawal", view.id),
                ("user", view.username),
                ("amount", f"{view.amount} {view.asset}"),
                ("address", view.address),
                ("status", view.status),
            ]
        ),
    )
