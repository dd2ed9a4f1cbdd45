"""Care for a node's data folder: checking that everything in it is as it must be, and making history anew."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from cryptex.cli.common import Run, command
from cryptex.cli.faults import Fault
from cryptex.cli.folders import DataDirOption, data_folder
from cryptex.cli.sheets import Sheet
from cryptex.cli.table import Cell, Column, Style, number
from cryptex.cli.unlocking import KeyFileOption, PassphraseStdinOption, key_faults, unlock_folder
from cryptex.protocol.problems import Code, ExitCode

if TYPE_CHECKING:
    from cryptex.node.findings import Finding


def add_to(node_app: typer.Typer) -> None:
    """Add these commands to the group `node`."""
    command(node_app, "verify", example="cryptex node verify --data-dir ~/cryptex-data")(verify)
    command(node_app, "rebuild", example="cryptex node rebuild --data-dir ~/cryptex-data")(rebuild)


def verify(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Check a data folder against its journal.

    Everything is computed again from the journal and compared: chain and witness, zero sums, balances, holds, fees,
    snapshots, users, history, and the state of the node where it runs: no store is written to, so it may. Exit code 1
    where something is wrong, with the first sequence where it is.
    """
    from cryptex.node.verify import verify as verify_folder

    folder = data_folder(run, data_dir)
    unlock_folder(folder, key_file, passphrase_stdin)
    try:
        with key_faults(), run.out.progress("Verifying") as tell:
            findings = verify_folder(folder, tell)
    except FileNotFoundError:
        raise no_journal(str(folder)) from None
    columns = (Column("CHECK"), Column("STATUS"), number("SEQUENCE"), Column("DETAIL"))
    rows = [
        (each.check, Cell("ok", Style.BUY) if each.ok else Cell("BROKEN", Style.SELL), each.sequence, each.detail)
        for each in findings
    ]
    sheet = Sheet(("check", "ok", "detail", "sequence"), "checks")
    run.out.answer(msgspec.json.encode({"checks": findings}), sheet, lambda: run.out.table(columns, rows))
    if complaint := complaint_of(findings, str(folder)):
        raise complaint


def rebuild(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Make history anew from the journal; the node must be stopped.

    Orders, fills, trades, candles and the ledger's entries in history.db. The old file stays until the new is whole.
    """
    from cryptex.node.rebuild import rebuild as rebuild_history
    from cryptex.node.replay import OtherRules, Poisoned
    from cryptex.store.database import FolderInUse, SchemaTooNew, StoreDamaged
    from cryptex.store.journal import JournalDamaged

    folder = data_folder(run, data_dir)
    unlock_folder(folder, key_file, passphrase_stdin)
    try:
        with key_faults(), run.out.progress("Rebuilding") as tell:
            sequence = rebuild_history(folder, tell)
    except FileNotFoundError:
        raise no_journal(str(folder)) from None
    except FolderInUse as error:
        suggestion = f"Stop it with `cryptex node stop --data-dir {folder}`."
        raise refused(str(error), suggestion) from None
    except (JournalDamaged, SchemaTooNew, StoreDamaged, OtherRules, Poisoned) as error:
        raise refused(str(error), "`cryptex node verify` says more. The old history.db is untouched.") from None
    run.out.fields([("rebuilt", str(folder / "history.db")), ("sequence", sequence)])


def complaint_of(findings: "Sequence[Finding]", folder: str) -> Fault | None:
    """Return what is to be said of a verified folder in which something is wrong."""
    broken = [each for each in findings if not each.ok]
    if not broken:
        return None
    places = [each.sequence for each in broken if each.sequence is not None]
    where = f"; the first bad sequence is {min(places)}" if places else ""
    return Fault(
        f"{folder} is not as it must be: {', '.join(each.check for each in broken)}{where}",
        code=Code.INTERNAL_ERROR.value,
        suggestion=_what_to_do({each.check for each in broken}),
        exit_code=ExitCode.REFUSED,
    )


def _what_to_do(checks: set[str]) -> str:
    if checks <= {"history"}:
        return "Stop the node and run `cryptex node rebuild`: history is made anew from the journal."
    if checks <= {"snapshots", "history"}:
        return "Stop the node and remove the damaged snapshots: the next start replays the journal instead."
    if checks == {"live"}:
        return "Stop the node and start it again, which replays the journal; and keep a copy of the folder."
    return "Keep a copy of the folder as it is, and go back to a backup."


def no_journal(folder: str) -> Fault:
    """Return the fault for a folder that no node was ever started on."""
    what = f"there is no journal in {folder}" if Path(folder).is_dir() else f"there is no data folder {folder}"
    return Fault(what, suggestion="Name the node's folder with --data-dir.")


def refused(message: str, suggestion: str) -> Fault:
    """Return the fault for what cannot be done with the folder as it is."""
    return Fault(message, code=Code.UNAVAILABLE.value, suggestion=suggestion, exit_code=ExitCode.REFUSED)
