"""One's own funds: balances, simulated deposits and the ledger."""

from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.markets import BeforeOption, LimitOption, tell_next
from cryptex.cli.table import Column, Row, number
from cryptex.client.errors import OutcomeUnknownError
from cryptex.client.forms import deposit_fields
from cryptex.protocol.views import BalanceList, EntryList, EntryView

_COLUMNS: Final = (Column("ASSET"), number("BALANCE"), number("HELD"), number("AVAILABLE"))
_ENTRY_COLUMNS: Final = (
    number("ID"),
    Column("TIME"),
    Column("KIND"),
    Column("REFERENCE"),
    Column("ASSET"),
    Column("ACCOUNT"),
    number("CHANGE"),
    number("BALANCE"),
)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    wallet_app = typer.Typer(help="Show your balances; deposit simulated funds; read the ledger.")
    group(wallet_app)(wallet)
    command(wallet_app, "deposit", example="cryptex wallet deposit USDT 5000")(deposit)
    command(wallet_app, "entries", example="cryptex wallet entries --limit 10")(entries)
    app.add_typer(wallet_app, name="wallet", epilog="Example: cryptex wallet -o json")


def wallet(run: Run) -> None:
    """Show your balances; deposit simulated funds; read the ledger."""
    answer = run.own_door().read("/wallet", BalanceList)

    def draw() -> str:
        rows = [(each.asset, each.balance, each.held, each.available) for each in answer.view.balances]
        return run.out.table(_COLUMNS, rows)

    run.out.answer(answer.data, draw)


def deposit(
    run: Run,
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Such as USDT.", show_default=False)],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", show_default=False)],
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="X", help="The same reference never deposits twice.")
    ] = None,
) -> None:
    """Deposit simulated funds, where the node gives them."""
    door = run.own_door()
    fields = deposit_fields(asset.upper(), amount, reference)
    try:
        answer = door.send("POST", "/wallet/deposits", EntryView, fields)
    except OutcomeUnknownError:  # its reference makes it safe to send again
        run.out.note("The answer was lost; sending the same deposit again.")
        answer = door.send("POST", "/wallet/deposits", EntryView, fields)
    run.out.answer(answer.data, lambda: run.out.table(_ENTRY_COLUMNS, _entry_rows(answer.view)))


def entries(run: Run, limit: LimitOption = None, before: BeforeOption = None) -> None:
    """List your ledger entries, newest first.

    Every change of your funds, and what they were afterwards.
    """
    answer = run.own_door().read("/wallet/entries", EntryList, {"limit": limit, "before": before})

    def draw() -> str:
        rows = [row for entry in answer.view.entries for row in _entry_rows(entry)]
        return run.out.table(_ENTRY_COLUMNS, rows)

    run.out.answer(answer.data, draw)
    tell_next(run, answer.view.next if not run.out.is_json else None)


def _entry_rows(entry: EntryView) -> list[Row]:
    return [
        (entry.id, entry.time, entry.kind.value, entry.reference, each.asset, each.account, each.change, each.balance)
        for each in entry.postings
    ]
