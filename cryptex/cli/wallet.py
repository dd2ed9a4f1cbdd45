"""One's own funds: balances, simulated deposits, withdrawals and the ledger."""

import typer

from cryptex.cli import allow_lists, withdrawals
from cryptex.cli.common import Run, command, group
from cryptex.cli.markets import BeforeOption, LimitOption, WatchOption, tell_next
from cryptex.cli.transfers import AmountArgument, AssetArgument, ReferenceOption, sent_once
from cryptex.cli.wallet_tables import BALANCES_SHEET, ENTRIES_SHEET, ENTRY_SHEET, balances_table, entries_table
from cryptex.client.forms import deposit_fields
from cryptex.protocol.views import BalanceList, EntryList, EntryView


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    wallet_app = typer.Typer(help="Show your balances; deposit, withdraw; read the ledger.")
    group(wallet_app)(wallet)
    command(wallet_app, "deposit", example="cryptex wallet deposit USDT 5000")(deposit)
    withdrawals.add_to(wallet_app)
    allow_lists.add_to(wallet_app)
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
    fields = deposit_fields(asset.upper(), amount, reference)
    answer = sent_once(run, run.own_door(), "/wallet/deposits", EntryView, fields)
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
