"""One's own funds as tables and sheets."""

from collections.abc import Iterator, Sequence
from typing import Final

from cryptex.cli.output import Output
from cryptex.cli.sheets import Record, Sheet, sheet_of
from cryptex.cli.table import Column, Value, number
from cryptex.protocol.views import BalanceView, EntryView
from cryptex.protocol.wallet import WithdrawalView

_WITHDRAWAL_FIELDS: Final = tuple(name for name in WithdrawalView.__struct_fields__ if name != "postings")
WITHDRAWAL_SHEET: Final = Sheet(_WITHDRAWAL_FIELDS)
WITHDRAWALS_SHEET: Final = Sheet(_WITHDRAWAL_FIELDS, "withdrawals")
_WITHDRAWAL_COLUMNS: Final = (
    number("ID"),
    Column("TIME", spare=1),
    Column("ASSET"),
    number("AMOUNT"),
    Column("ADDRESS"),
    Column("STATUS"),
    Column("REASON", spare=1),
    Column("CONFIRMATIONS", spare=2),
)

BALANCE_SHEET: Final = sheet_of(BalanceView)
BALANCES_SHEET: Final = sheet_of(BalanceView, "balances")

_BALANCE_COLUMNS: Final = (Column("ASSET"), number("BALANCE"), number("HELD"), number("AVAILABLE"))
_ENTRY_COLUMNS: Final = (
    number("ID"),
    Column("TIME", spare=1),
    Column("KIND"),
    Column("REFERENCE", spare=2),
    Column("ASSET"),
    Column("ACCOUNT"),
    number("CHANGE"),
    number("BALANCE"),
)


def balances_table(out: Output, balances: Sequence[BalanceView]) -> str:
    """Return balances as a table."""
    return out.table(_BALANCE_COLUMNS, [(each.asset, each.balance, each.held, each.available) for each in balances])


def entries_table(out: Output, entries: Sequence[EntryView]) -> str:
    """Return ledger entries as a table, a row a posting."""
    rows = [
        (entry.id, entry.time, entry.kind.value, entry.reference, each.asset, each.account, each.change, each.balance)
        for entry in entries
        for each in entry.postings
    ]
    return out.table(_ENTRY_COLUMNS, rows)


def withdrawals_table(out: Output, withdrawals: Sequence[WithdrawalView]) -> str:
    """Return withdrawals as a table."""
    rows = [
        (
            each.id,
            each.time,
            each.asset,
            each.amount,
            each.address,
            each.status.value,
            None if each.reason is None else each.reason.value,
            _confirmations(each),
        )
        for each in withdrawals
    ]
    return out.table(_WITHDRAWAL_COLUMNS, rows)


def withdrawal_card(out: Output, withdrawal: WithdrawalView) -> str:
    """Return one withdrawal as a card."""
    reason = "" if withdrawal.reason is None else f" ({withdrawal.reason.value})"
    shown: list[tuple[str, Value]] = [
        ("withdrawal", withdrawal.id),
        ("status", f"{withdrawal.status.value}{reason}"),
        ("amount", f"{withdrawal.amount} {withdrawal.asset}"),
        ("address", withdrawal.address),
        ("confirmations", _confirmations(withdrawal)),
        ("height", withdrawal.height),
        ("txid", withdrawal.txid),
        ("reference", withdrawal.reference),
        ("requested", withdrawal.time),
        ("updated", withdrawal.updated_at),
    ]
    return out.card(shown)


def _confirmations(withdrawal: WithdrawalView) -> str:
    return f"{withdrawal.confirmations} of {withdrawal.confirmations_required}"


def _flat_entry(entry: Record) -> Iterator[Record]:
    postings = entry["postings"]
    for posting in postings if isinstance(postings, list) else ():
        yield {**entry, **posting}


ENTRY_SHEET: Final = Sheet(
    ("id", "kind", "reference", "sequence", "time", "asset", "account", "change", "balance"), flatten=_flat_entry
)
ENTRIES_SHEET: Final = ENTRY_SHEET._replace(name="entries")
