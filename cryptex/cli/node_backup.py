"""Backups of a node's data folder, and how they are put back."""

from datetime import UTC, datetime
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Annotated

import typer

from cryptex import __version__
from cryptex.cli.common import Run, command
from cryptex.cli.folders import DataDirOption, data_folder
from cryptex.cli.node_care import complaint_of, no_journal, refused
from cryptex.cli.signals import ended_by_signals
from cryptex.cli.unlocking import (
    KeyFileOption,
    PassphraseStdinOption,
    key_faults,
    named,
    passphrase,
    unlock_folder,
)
from cryptex.protocol.audit import AuditAct

if TYPE_CHECKING:
    from cryptex.store.backup import Manifest


def add_to(node_app: typer.Typer) -> None:
    """Add these commands to the group `node`."""
    command(node_app, "backup", example="cryptex node backup ~/cryptex-monday.backup")(backup)
    command(node_app, "restore", example="cryptex node restore ~/cryptex-monday.backup --data-dir ~/restored")(restore)


def backup(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file; an existing one is left alone.")],
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Back up a node into one file; the node may run.

    Journal, users and the newest snapshot, as of one moment. History is not in it: it is made anew from the journal.
    The file has the hashes of passwords and tokens, so only you can read it; keep it so.
    """
    from cryptex.store.backup import back_up
    from cryptex.store.database import SchemaTooNew, StoreDamaged
    from cryptex.store.driver import ERRORS
    from cryptex.store.journal import JournalDamaged

    folder, target = data_folder(run, data_dir), file.expanduser().absolute()
    if not (folder / "journal.db").exists():
        raise no_journal(str(folder))
    if not target.parent.is_dir():
        raise refused(
            f"no backup was made: there is no folder {target.parent}", "Make it, or name a file in another one."
        )
    unlock_folder(folder, key_file, passphrase_stdin)
    created_at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    try:
        with ended_by_signals(), key_faults():
            made = back_up(folder, target, version=__version__, created_at=created_at)
    except FileExistsError:
        raise refused(f"{target} exists already", "Name a new file: a backup never takes the place of one.") from None
    except (JournalDamaged, StoreDamaged, SchemaTooNew) as error:
        raise refused(str(error), "`cryptex node verify` says more. No backup was made.") from None
    except (OSError, *ERRORS) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise refused(f"no backup was made in {target}: {why}", "Look at the disk and the file's name.") from None
    _audit(run, folder, AuditAct.BACKUP_MADE, target.name, made)
    size_bytes = target.stat().st_size
    run.out.fields(
        [("backup", str(target)), ("sequence", made.sequence), ("users", made.users), ("size_bytes", size_bytes)]
    )


def restore(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `cryptex node backup` wrote.")],
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Put a backup back into a folder that is new or empty.

    Everything is verified before the folder takes its place: checksums, chain, balances, users. The first start
    makes history anew.
    """
    from cryptex.node.verify import verify
    from cryptex.store.backup import BackupDamaged, FolderNotEmpty, put_back
    from cryptex.store.database import SchemaTooNew, StoreDamaged
    from cryptex.store.driver import ERRORS
    from cryptex.store.journal import JournalDamaged

    folder, source = data_folder(run, data_dir), file.expanduser().absolute()

    def check(unpacked: Path) -> None:
        with run.out.progress("Verifying") as tell:
            complaint = complaint_of(verify(unpacked, tell), str(source))
        if complaint is not None:
            raise complaint

    try:
        with ended_by_signals(), key_faults():
            phrase = passphrase(passphrase_stdin, new=False) if _asks(source, key_file) else None
            made = put_back(source, folder, check, key_file=named(key_file), phrase=phrase)
    except FileNotFoundError:
        raise refused(f"there is no file {source}", "Name a file that `cryptex node backup` wrote.") from None
    except FolderNotEmpty as error:
        raise refused(str(error), "Name a new folder with --data-dir; nothing is ever overwritten.") from None
    except (BackupDamaged, JournalDamaged, StoreDamaged, SchemaTooNew) as error:
        raise refused(str(error), "Take another backup. Nothing was restored.") from None
    except (OSError, *ERRORS) as error:
        raise refused(f"nothing was restored: {error}", "Look at the disk and at the folder's name.") from None
    _audit(run, folder, AuditAct.BACKUP_RESTORED, source.name, made)
    run.out.fields(
        [
            ("restored", str(folder)),
            ("sequence", made.sequence),
            ("users", made.users),
            ("created_at", made.created_at),
        ]
    )


def _asks(source: Path, key_file: Path | None) -> bool:
    """Whether a backup opens with a passphrase."""
    from cryptex.store.backup_archive import archive_header

    header = archive_header(source)
    return header is not None and header.kind == "passphrase" and key_file is None


def _audit(run: Run, folder: Path, act: AuditAct, file: str, made: "Manifest") -> None:
    """Note it in the folder's audit log. What was done stays done where that cannot be written."""
    from cryptex.store.audit import record_on_machine
    from cryptex.store.driver import ERRORS

    try:
        record_on_machine(folder, time_ns(), act, file, {"sequence": made.sequence, "created_at": made.created_at})
    except (OSError, *ERRORS) as error:
        run.out.note(f"The audit log has no entry of it: {error}")
