"""One's own funds: balances, simulated deposits, withdrawals and the ledger."""

import shlex
from typing import Annotated

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.completion import complete_asset
from cryptex.cli.in_flight import in_flight
from cryptex.cli.markets import BeforeOption, LimitOption, WatchOption, tell_next
from cryptex.cli.orders import YesOption
from cryptex.cli.wallet_tables import BALANCES_SHEET, ENTRIES_SHEET, ENTRY_SHEET, balances_table, entries_table
from cryptex.client.errors import OutcomeUnknownError
from cryptex.client.forms import Fields, deposit_fields, withdrawal_fields
from cryptex.protocol.views import BalanceList, EntryList, EntryView

AssetArgument = Annotated[
    str, typer.Argument(metavar="ASSET", help="Such as USDT.", show_default=False, autocompletion=complete_asset)
]
AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", show_default=False)]
ReferenceOption = Annotated[
    str | None, typer.Option("--reference", metavar="X", help="The same reference never moves funds twice.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    wallet_app = typer.Typer(help="Show your balances; deposit, withdraw; read the ledger.")
    group(wallet_app)(wallet)
    command(wallet_app, "deposit", example="cryptex wallet deposit USDT 5000")(deposit)
    command(wallet_app, "withdraw", example="cryptex wallet withdraw USDT 100 my-other-wallet --yes")(withdraw)
    command(wallet_app, "entries", example="cryptex wallet entries --limit 10")(entries)
    app.add_typer(wallet_app, name="wallet", epilog="Example: cryptex wallet -o json")


def wallet(run: Run, watch: WatchOption = False) -> None:
    """Show your balances; deposit, withdraw; read the ledger."""
    if watch:
        from cryptex.cli.watch_private import watch_wallet

        watch_wallet(run)
        return
    answer = run.own_door().read("/wallet", BalanceList)
    run.out.answer(answer.data, BALANCES_SHEET, lambda: balances_table(run.out, answer.view.balances))


def deposit(run: Run, asset: AssetArgument, amount: AmountArgument, reference: ReferenceOption = None) -> None:
    """Deposit simulated funds, where the node gives them."""
    _move(run, "/wallet/deposits", deposit_fields(asset.upper(), amount, reference))


def withdraw(
    run: Run,
    asset: AssetArgument,
    amount: AmountArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where to: any text.", show_default=False)],
    reference: ReferenceOption = None,
    yes: YesOption = False,
) -> None:
    """Withdraw available funds to an address outside the exchange.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    fields = withdrawal_fields(asset.upper(), amount, address, reference)
    run.own_door()
    run.out.confirm(f"Withdraw {amount} {asset.upper()} to {address}?", yes=yes)
    _move(run, "/wallet/withdrawals", fields)


def _move(run: Run, path: str, fields: Fields) -> None:
    """Send a transfer; where its answer is lost, its reference makes it safe to send it again."""
    door = run.own_door()
    reference = str(fields["reference"])
    again = f"The same again with --reference {shlex.quote(reference)} cannot move it twice."
    with in_flight("the funds were moved", again, reference=reference):
        try:
            answer = door.send("POST", path, EntryView, fields)
        except OutcomeUnknownError:
            run.out.note("The answer was lost; sending the same again.")
            answer = door.send("POST", path, EntryView, fields)
    run.out.done = f"The funds were moved: `cryptex wallet entries` shows entry {answer.view.id}."
    run.out.answer(answer.data, ENTRY_SHEET, lambda: entries_table(run.out, [answer.view]))


def entries(run: Run, limit: LimitOption = None, before: BeforeOption = None) -> None:
    """List your ledger entries, newest first.

    Every change of your funds, and what they were afterwards.
    """
    answer = run.own_door().read_list("/wallet/entries", EntryList, "entries", {"limit": limit, "before": before})
    run.out.listing(
        answer.data,
        ENTRIES_SHEET,
        lambda: answer.view.entries,
        lambda rows: entries_table(run.out, rows),
        "No ledger entries.",
    )
    tell_next(run, lambda: answer.view.next)
