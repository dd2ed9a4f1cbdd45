"""Withdrawals: asked for, followed, taken back; and where one receives funds."""

from time import sleep
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.completion import complete_asset
from cryptex.cli.door import Answer, Door
from cryptex.cli.in_flight import in_flight
from cryptex.cli.markets import BeforeOption, LimitOption, tell_next
from cryptex.cli.orders import YesOption
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column
from cryptex.cli.transfers import AddressArgument, AmountArgument, AssetArgument, ReferenceOption, sent_once
from cryptex.cli.wallet_tables import WITHDRAWAL_SHEET, WITHDRAWALS_SHEET, withdrawal_card, withdrawals_table
from cryptex.client.caller import Query
from cryptex.client.forms import withdrawal_fields
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.terms import LIVE_WITHDRAWALS, WithdrawalStatus
from cryptex.protocol.wallet import DepositAddressList, DepositAddressView, WithdrawalList, WithdrawalView

POLL_S: Final = 1.0
"""How long `--wait` waits before it looks again."""

IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, help="The withdrawal's id.", show_default=False)]


def add_to(wallet_app: typer.Typer) -> None:
    """Add these commands to those of the wallet."""
    command(wallet_app, "withdraw", example="cryptex wallet withdraw USDT 100 my-other-wallet --yes")(withdraw)
    command(wallet_app, "withdrawals", example="cryptex wallet withdrawals --status requested")(withdrawals)
    command(wallet_app, "withdrawal", example="cryptex wallet withdrawal 3 --wait")(withdrawal)
    command(wallet_app, "cancel-withdrawal", example="cryptex wallet cancel-withdrawal 3")(cancel_withdrawal)
    command(wallet_app, "addresses", example="cryptex wallet addresses BTC")(addresses)


WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until it is confirmed, or has ended otherwise.")]


def withdraw(
    run: Run,
    asset: AssetArgument,
    amount: AmountArgument,
    address: AddressArgument,
    reference: ReferenceOption = None,
    wait: WaitOption = False,
    yes: YesOption = False,
) -> None:
    """Withdraw available funds to an address.

    They are held until the network confirms it. Asks first; elsewhere than on a terminal it needs --yes.
    """
    fields = withdrawal_fields(asset.upper(), amount, address, reference)
    door = run.own_door()
    run.out.confirm(f"Withdraw {amount} {asset.upper()} to {address}?", yes=yes)
    answer = sent_once(run, door, "/wallet/withdrawals", WithdrawalView, fields)
    number = answer.view.id
    run.out.done = f"The withdrawal was asked for: `cryptex wallet withdrawal {number}` shows it."
    if wait:
        answer = _followed(run, door, answer)
    elif answer.view.status is WithdrawalStatus.REQUESTED:
        run.out.note(f"It waits for an admin; `cryptex wallet cancel-withdrawal {number}` takes it back until then.")
    _print(run, answer, waited=wait)


def withdrawals(
    run: Run,
    status: Annotated[WithdrawalStatus | None, typer.Option("--status", help="Only these.", show_default=False)] = None,
    limit: LimitOption = None,
    before: BeforeOption = None,
) -> None:
    """List your withdrawals, newest first."""
    query: Query = {"status": status, "limit": limit, "before": before}
    answer = run.own_door().read_list("/wallet/withdrawals", WithdrawalList, "withdrawals", query)
    run.out.listing(
        answer.data,
        WITHDRAWALS_SHEET,
        lambda: answer.view.withdrawals,
        lambda rows: withdrawals_table(run.out, rows),
        "No withdrawals.",
    )
    tell_next(run, lambda: answer.view.next)


def withdrawal(run: Run, withdrawal_id: IdArgument, wait: WaitOption = False) -> None:
    """Show one of your withdrawals."""
    door = run.own_door()
    answer = door.read(f"/wallet/withdrawals/{withdrawal_id}", WithdrawalView)
    _print(run, _followed(run, door, answer) if wait else answer, waited=wait)


def cancel_withdrawal(run: Run, withdrawal_id: IdArgument) -> None:
    """Take back a withdrawal that is only requested."""
    door = run.own_door()
    with in_flight("the withdrawal was taken back", f"`cryptex wallet withdrawal {withdrawal_id}` shows it."):
        answer = door.send("DELETE", f"/wallet/withdrawals/{withdrawal_id}", WithdrawalView)
    run.out.done = f"Withdrawal {withdrawal_id} was taken back."
    _print(run, answer, waited=False)


def addresses(
    run: Run,
    asset: Annotated[
        str | None,
        typer.Argument(metavar="ASSET", help="Only of this asset.", show_default=False, autocompletion=complete_asset),
    ] = None,
) -> None:
    """Show where you receive funds by the network."""
    query: Query = {"asset": None if asset is None else asset.upper()}
    answer = run.own_door().read("/wallet/addresses", DepositAddressList, query)
    run.out.answer(
        answer.data,
        sheet_of(DepositAddressView, "addresses"),
        lambda: run.out.table(
            (Column("ASSET"), Column("ADDRESS")), [(each.asset, each.address) for each in answer.view.addresses]
        ),
    )


def _followed(run: Run, door: Door, answer: Answer[WithdrawalView]) -> Answer[WithdrawalView]:
    """Return the withdrawal when it has ended; what it goes through is told on the way."""
    told: tuple[WithdrawalStatus, int] | None = None
    while (view := answer.view).status in LIVE_WITHDRAWALS:
        if told != (view.status, view.confirmations):
            told = view.status, view.confirmations
            run.out.note(f"Withdrawal {view.id} is {_progress(view)}.")
        sleep(POLL_S)
        answer = door.read(f"/wallet/withdrawals/{view.id}", WithdrawalView)
    return answer


def _progress(view: WithdrawalView) -> str:
    if view.status is WithdrawalStatus.BROADCAST:
        return f"broadcast, {view.confirmations} of {view.confirmations_required} confirmations"
    waits_for = "an admin" if view.status is WithdrawalStatus.REQUESTED else "the next block"
    return f"{view.status.value} and waits for {waits_for}"


def _print(run: Run, answer: Answer[WithdrawalView], *, waited: bool) -> None:
    run.out.answer(answer.data, WITHDRAWAL_SHEET, lambda: withdrawal_card(run.out, answer.view))
    if waited and answer.view.status is not WithdrawalStatus.CONFIRMED:
        run.out.leave(ExitCode.REFUSED)
